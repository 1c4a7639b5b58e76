"""Whose a submission is: what its layout says about the student, looked up in the roster.

Only one person of the roster may fit, and only one participant may be a person. Nothing is guessed:
what fits nobody, or several, is told, and is never entered under an id of the roster.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

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

    `unmatched` pairs a submission with the reason, under a key that is nobody's id; `missing` are
    those that no submission fits.
    """

    matched: tuple[Matched, ...]
    unmatched: tuple[tuple[Found, str], ...]
    missing: tuple[Person, ...]


def match(found: Iterable[Found], people: Sequence[Person]) -> Matching:
    """Give each submission to the person of the roster that its layout names.

    What its layout says first about the student decides if one person fits, then the next; one
    word that is an id of one person and the e-mail or GitHub user of another decides nothing. Of a
    person's name order, case, accents and spaces do not count: anyone may call themselves so at
    many platforms, so where two participants fit one person, neither is given to that person.
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
    sure: list[Matched] = []
    rivals = _rivals(matched)
    for entry in matched:
        names = rivals[entry.person.id]
        if len(names) == 1:
            sure.append(entry)
        else:
            fitting = " and ".join(repr(safe_text(name, 80)) for name in names[:5])
            unmatched.append((entry.found, f"{fitting} all fit {entry.person.id} of the roster"))
    ids = {person.id for person in people}
    aside = tuple((_set_aside(one, ids), reason) for one, reason in unmatched)
    return Matching(matched=tuple(sure), unmatched=aside, missing=missing)


def names_of(people: Sequence[Person]) -> Callable[[str], bool]:
    """Whether a folder of a name would be someone's of the roster, or one of several's.

    It is also where an id or a GitHub user is among its words, as in `backprop-eve`.
    """
    tables = {kind: _table(people, keys) for kind, keys in _KEYS.items()}
    called = {_spaced(text) for person in people for text in (person.id, person.github)} - {""}

    def is_someones(name: str) -> bool:
        whole = any(_LOOKUP[kind](name) in table for kind, table in tables.items())
        return whole or any(f" {words} " in f" {_spaced(name)} " for words in called)

    return is_someones


def twice(found: Iterable[Found]) -> list[str]:
    """A line for each key that several submissions have, to be asked of their final keys."""
    sources: dict[str, list[str]] = {}
    for one in found:
        sources.setdefault(one.student_key, []).append(one.source)
    return [
        f"{safe_text(key, 80)!r} has {len(several)} submissions: "
        + ", ".join(safe_text(source, 120) for source in several[:5])
        for key, several in sources.items()
        if len(several) > 1
    ]


def _rivals(matched: Iterable[Matched]) -> dict[str, list[str]]:
    """For each id the participants that fit it, as their layout calls them."""
    rivals: dict[str, list[str]] = {}
    for entry in matched:
        names = rivals.setdefault(entry.person.id, [])
        if entry.found.student_key not in names:
            names.append(entry.found.student_key)
    return rivals


def _set_aside(one: Found, ids: Collection[str]) -> Found:
    """The same under a key that is no id: a name that merely looks like one is not that person."""
    key = one.student_key
    while key in ids:
        key = f"{one.layout}:{key}"
    return replace(one, student_key=key)


_Table = dict[str, list[Person]]


def _who(one: Found, tables: dict[str, _Table]) -> tuple[Person | None, str]:
    several = _contradiction(one, tables)
    if several:
        return None, several
    for kind, text in one.identities.items():
        fitting = tables[kind].get(_LOOKUP[kind](text), []) if text else []
        if len(fitting) == 1:
            return fitting[0], ""
        if fitting and not several:
            ids = ", ".join(person.id for person in fitting[:5])
            several = f"{safe_text(str(text), 80)!r} fits {len(fitting)} of the roster: {ids}"
    return None, several or f"not on the roster: {safe_text(one.student_key, 80)!r}"


def _contradiction(one: Found, tables: dict[str, _Table]) -> str:
    """That one word stands for different people where it is an id, an e-mail and a GitHub user."""
    by_text: dict[str, set[str]] = {}
    for kind in ("id", "email", "github"):
        text = one.identities.get(kind, "")
        fitting = tables[kind].get(_LOOKUP[kind](text), []) if text else []
        by_text.setdefault(text, set()).update(person.id for person in fitting)
    for text, ids in by_text.items():
        if len(ids) > 1:
            several = ", ".join(sorted(ids))
            return f"{safe_text(text, 80)!r} stands for several of the roster: {several}"
    return ""


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


def _spaced(text: str) -> str:
    """The words of an id or a folder's name, in their order, whatever lies between them."""
    return " ".join("".join(char if char.isalnum() else " " for char in text.casefold()).split())


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
