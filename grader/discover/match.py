"""Whose a submission is: what its layout says about the student, looked up in the roster.

Only one person of the roster may fit. Nothing is guessed: what fits nobody, or several, is told.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from grader.discover.model import Found
from grader.discover.roster import Person
from grader.text import safe_text


@dataclass(frozen=True, kw_only=True)
class Matched:
    """A submission and whose it is."""

    found: Found
    person: Person


@dataclass(frozen=True, kw_only=True)
class Matching:
    """Everyone and everything: nothing is in none of the three.

    `unmatched` pairs a submission with the reason; `missing` are those without a submission.
    """

    matched: tuple[Matched, ...]
    unmatched: tuple[tuple[Found, str], ...]
    missing: tuple[Person, ...]


def match(found: Iterable[Found], people: Sequence[Person]) -> Matching:
    """Give each submission to the person of the roster that its layout names.

    What its layout says first about the student decides if one person fits, then the next. Of a
    person's name order, case, accents and spaces do not count.
    """
    tables = {kind: _table(people, keys) for kind, keys in _KEYS.items()}
    matched: list[Matched] = []
    unmatched: list[tuple[Found, str]] = []
    for one in found:
        person, reason = _who(one, tables)
        if person is None:
            unmatched.append((one, reason))
        else:
            matched.append(Matched(found=one, person=person))
    there = {entry.person.id for entry in matched}
    missing = tuple(person for person in people if person.id not in there)
    return Matching(matched=tuple(matched), unmatched=tuple(unmatched), missing=missing)


_Table = dict[str, list[Person]]


def _who(one: Found, tables: dict[str, _Table]) -> tuple[Person | None, str]:
    several = ""
    for kind, text in one.identities.items():
        fitting = tables[kind].get(_LOOKUP[kind](text), []) if text else []
        if len(fitting) == 1:
            return fitting[0], ""
        if fitting and not several:
            ids = ", ".join(person.id for person in fitting[:5])
            several = f"{safe_text(str(text), 80)!r} fits {len(fitting)} of the roster: {ids}"
    return None, several or f"{safe_text(one.student_key, 80)!r} fits nobody of the roster"


def _table(people: Sequence[Person], keys: Callable[[Person], set[str]]) -> _Table:
    table: _Table = {}
    for person in people:
        for key in keys(person) - {""}:
            table.setdefault(key, []).append(person)
    return table


def _bare(text: str) -> str:
    """`text` in small letters and digits only, without accents: "Álvarez, Ana" is alvarezana."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain.casefold() if char.isalnum())


def _words(text: str) -> str:
    """The words of a name, sorted: its order does not count."""
    spaced = "".join(char if char.isalnum() or char in "'’" else " " for char in _marks_off(text))
    return " ".join(sorted(_bare(word) for word in spaced.split()))


def _marks_off(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _squashed(person: Person) -> set[str]:
    """A name as Canvas writes it, family name first; which part that is, is not known."""
    words = person.name.replace(",", " ").split()
    return {_bare("".join(words[at:] + words[:at])) for at in range(len(words))}


def _casefold(text: str) -> str:
    return text.strip().casefold()


# for each kind of identity: how a person is entered, and how a layout's word is looked up
_KEYS: dict[str, Callable[[Person], set[str]]] = {
    "id": lambda person: {person.id.strip()},
    "email": lambda person: {_casefold(person.email)},
    "github": lambda person: {_casefold(person.github)},
    "name": lambda person: {_words(person.name)},
    "squashed": _squashed,
}
_LOOKUP: dict[str, Callable[[str], str]] = {
    "id": str.strip,
    "email": _casefold,
    "github": _casefold,
    "name": _words,
    "squashed": _bare,
}
