"""A class's grades from the JSON of `grader grades HW --json`, and its rows matched to a file's.

Matching never guesses: a student who fits two rows of a file, or two who fit one, is an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from grader.errors import CourseError, UsageError
from grader.export.model import Row

_LISTS = ("grades", "rows", "students")  # the key under which a JSON object holds its rows
_CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Grades:
    """One homework's rows, with its id and title as far as the file says them."""

    homework: str
    title: str
    rows: tuple[Row, ...]


def read_grades(text: str) -> Grades:
    """The rows in JSON text; UsageError where it is no such file.

    Read are `homework`, `title` and a list of objects with `student`, `score` (a number or null),
    and if there, `max_score`, `name`, `email`, `status` or `excused`, and `ids`.
    """
    try:
        value = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as err:
        raise UsageError(f"The grades are not valid JSON: {err}", hint=_HINT) from err
    table = value if isinstance(value, dict) else {}
    entries = next((table[key] for key in _LISTS if isinstance(table.get(key), list)), value)
    if not isinstance(entries, list):
        raise UsageError("The file holds no list of grades.", hint=_HINT)
    homework = str(table.get("homework", ""))
    rows = tuple(_row(number, entry) for number, entry in enumerate(entries, start=1))
    twice = [row.student for row in rows]
    for student in twice:
        if twice.count(student) > 1:
            raise UsageError(f"The grades name the student {student!r} twice.")
    return Grades(homework=homework, title=str(table.get("title") or homework), rows=rows)


_HINT = "They are written by: grader grades HW --json grades.json"


def _row(number: int, entry: Any) -> Row:
    if not isinstance(entry, dict) or not isinstance(entry.get("student"), (str, int)):
        raise UsageError(f"Grade number {number} has no student.", hint=_HINT)
    student = str(entry["student"])
    excused = entry.get("status") == "excused" or entry.get("excused") not in (None, False, "")
    ids = entry.get("ids")
    return Row(
        student=student,
        score=None if excused else _points(student, entry.get("score")),
        max_score=_points(student, entry.get("max_score")),
        name=str(entry.get("name") or ""),
        email=str(entry.get("email") or ""),
        excused=excused,
        ids={str(k): str(v) for k, v in ids.items() if v} if isinstance(ids, dict) else {},
    )


def _points(student: str, value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        points = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        points = Decimal("NaN")
    if not points.is_finite():
        raise UsageError(f"The grade of {student!r} is no number: {value!r}.")
    return points


def two_decimals(points: Decimal) -> str:
    """ "87.50": as gradebooks compare points."""
    return f"{points.quantize(_CENT, rounding=ROUND_HALF_UP):f}"


@dataclass(frozen=True, kw_only=True)
class Matched:
    """`rows` by the index of the record that each fits; the students that fit none."""

    rows: Mapping[int, Row]
    missing: tuple[Row, ...]


def match(
    rows: Sequence[Row],
    records: Sequence[Mapping[str, str]],
    columns: Sequence[str],
    name_of: Callable[[Mapping[str, str]], str],
) -> Matched:
    """Find each row's record: by any of its ids in any of `columns`, else by its name.

    Case and spaces around do not count. Raises CourseError where that is not one to one.
    """
    by_id: dict[tuple[str, str], list[int]] = {}
    by_name: dict[str, list[int]] = {}
    for index, record in enumerate(records):
        for column in columns:
            by_id.setdefault((column, _key(record.get(column, ""))), []).append(index)
        by_name.setdefault(_key(name_of(record)), []).append(index)
    found: dict[int, Row] = {}
    missing = []
    for row in rows:
        keys = {_key(text) for text in (row.student, row.email, *row.ids.values())} - {""}
        hits = {i for column in columns for key in keys for i in by_id.get((column, key), ())}
        if not hits and row.name.strip():
            hits = {i for form in _forms(row.name) for i in by_name.get(_key(form), ())}
        if len(hits) > 1:
            lines = ", ".join(name_of(records[i]) for i in sorted(hits))
            raise CourseError(
                f"The student {row.student!r} fits several rows of the downloaded file: {lines}.",
                hint="Give the student an id in the roster that only one of them has.",
            )
        for index in hits:
            if index in found:
                raise CourseError(
                    f"The students {found[index].student!r} and {row.student!r} fit the same row "
                    f"of the downloaded file: {name_of(records[index])}.",
                    hint="Give each an id in the roster that only that row has.",
                )
            found[index] = row
        if not hits:
            missing.append(row)
    return Matched(rows=found, missing=tuple(missing))


def notes_on(matched: Matched, without_grade: int) -> tuple[str, ...]:
    """What a person should know: students the file lacks, and rows left as they were."""
    notes = []
    if matched.missing:
        names = ", ".join(row.student for row in matched.missing[:20])
        more = f" and {len(matched.missing) - 20} more" if len(matched.missing) > 20 else ""
        notes.append(f"Not in the downloaded file, so left out: {names}{more}.")
    if without_grade:
        plural = "row was" if without_grade == 1 else "rows were"
        notes.append(f"{without_grade} {plural} left unchanged: no grade.")
    return tuple(notes)


def _key(text: str) -> str:
    return " ".join(text.split()).casefold()


def _forms(name: str) -> set[str]:
    """A name as "First Last" and as "Last, First"."""
    forms = {name}
    if "," in name:
        last, first = name.split(",", 1)
        forms.add(f"{first.strip()} {last.strip()}")
    else:
        parts = name.split()
        forms |= {f"{' '.join(parts[i:])}, {' '.join(parts[:i])}" for i in range(1, len(parts))}
    return forms
