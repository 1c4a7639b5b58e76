"""A roster: who is in the class, from a CSV file of the instructor's."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, fields
from pathlib import Path

from grader.errors import UsageError
from grader.text import safe_text

# what the columns are called in rosters: ours, Canvas', Gradescope's, GitHub's two classrooms'
COLUMNS = {
    "id": ("id", "student id", "sid", "user id", "identifier", "sis user id"),
    "name": ("name", "full name", "student name", "display name", "student"),
    "first": ("first name", "first", "given name", "firstname"),
    "last": ("last name", "last", "surname", "family name", "lastname"),
    "email": ("email", "e mail", "email address", "mail"),
    "section": ("section", "sections", "group", "class"),
    "github": ("github", "github user", "github username", "github login", "username"),
}
MOST_BYTES, MOST_PEOPLE = 16 << 20, 100_000


@dataclass(frozen=True, kw_only=True)
class Person:
    """One student of the roster; only the id is always there."""

    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    github: str = ""


def read_roster(path: Path) -> tuple[Person, ...]:
    """Everyone in the CSV file, in its order.

    Its first line names the columns: an id, and as far as known name (or first and last name),
    email, section, github; other columns are passed over. UsageError says in which line it is
    wrong: no id column, an id missing or given twice, a GitHub user or email given twice.
    """
    try:
        data = path.read_bytes()
    except OSError as err:
        raise UsageError(f"The roster {str(path)!r} cannot be read: {err.strerror}.") from err
    if len(data) > MOST_BYTES:
        raise UsageError(f"The roster {str(path)!r} is larger than 16 MiB.")
    return parse_roster(_decode(data, str(path)), str(path))


def parse_roster(text: str, label: str = "the roster") -> tuple[Person, ...]:
    """The same from text; `label` names it in messages."""
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    people: list[Person] = []
    places: list[int] = []
    columns: dict[str, int] | None = None
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells) or cells[0] == "Points Possible":  # the second line of Canvas
                continue
            if columns is None:
                columns = _columns(cells, label)
                continue
            people.append(_person(cells, columns, f"{label}, line {reader.line_num}"))
            places.append(reader.line_num)
            if len(people) > MOST_PEOPLE:
                raise UsageError(f"{label} holds more than {MOST_PEOPLE} people.")
    except csv.Error as err:
        raise UsageError(f"{label}, line {reader.line_num}, is no CSV: {err}.") from err
    if not people:
        raise UsageError(f"{label} names no student.", hint="Its first line names the columns.")
    for kind in ("id", "email", "github"):
        _refuse_twice(kind, people, places, label)
    return tuple(people)


def _decode(data: bytes, label: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")  # Excel's "Unicode text"
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = data.count(b"\n", 0, err.start) + 1
        raise UsageError(
            f"The roster {label!r} is not UTF-8 text: line {line} holds other bytes.",
            hint="Save it as CSV UTF-8.",
        ) from err


def _columns(header: list[str], label: str) -> dict[str, int]:
    words = [" ".join(cell.lower().replace("_", " ").replace("-", " ").split()) for cell in header]
    found: dict[str, int] = {}
    for kind, names in COLUMNS.items():
        for name in names:
            if name in words:
                if words.count(name) > 1:
                    raise UsageError(f"{label} has two columns called {safe_text(name, 40)!r}.")
                found[kind] = words.index(name)
                break
    if "id" not in found and ("github" in found or "student" in words):
        found["id"] = found["github"] if "github" in found else words.index("student")
    if "id" not in found:
        names_there = ", ".join(safe_text(cell, 30) for cell in header[:10])
        raise UsageError(
            f"{label} has no column for the student's id.",
            hint=f"It has: {names_there}. Wanted: id, name, email, section, github.",
        )
    return found


def _person(cells: list[str], columns: dict[str, int], where: str) -> Person:
    values = {kind: cells[at] if at < len(cells) else "" for kind, at in columns.items()}
    if not values["id"]:
        raise UsageError(f"{where}: the id is missing.")
    if not values.get("name"):
        values["name"] = f"{values.get('first', '')} {values.get('last', '')}".strip()
    known = {field.name for field in fields(Person)}
    person = Person(**{kind: value for kind, value in values.items() if kind in known})
    for name in known:
        value = getattr(person, name)
        if value != safe_text(value, 200):
            raise UsageError(f"{where}: {name} is too long or holds control characters.")
    return person


def _refuse_twice(kind: str, people: list[Person], places: list[int], label: str) -> None:
    seen: dict[str, int] = {}
    for person, line in zip(people, places, strict=True):
        value = getattr(person, kind)
        folded = value if kind == "id" else value.casefold()
        if folded and folded in seen:
            raise UsageError(
                f"{label} gives the {kind} {value!r} twice: in line {seen[folded]} and {line}."
            )
        seen[folded] = line
