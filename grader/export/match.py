"""Finds each student's row in a file downloaded from Canvas or Moodle; nothing is guessed.

A number names different people in different places: an id is looked for only in columns that hold
ids of its kind, and a row that tells of another person is not taken.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.errors import UsageError
from grader.export.model import Row
from grader.text import safe_text

PERSON = ("student", "email")  # what a roster calls someone: its id, the e-mail address
_Record = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A student without a row in the file; `why` where one was found and not taken."""

    row: Row
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Matched:
    """`rows` by the index of the record that each fits; the students that fit none."""

    rows: Mapping[int, Row]
    missing: tuple[Missing, ...]


def match(
    rows: Sequence[Row],
    records: Sequence[_Record],
    columns: Mapping[str, Sequence[str]],
    name_of: Callable[[_Record], str],
) -> Matched:
    """Find each row's record: by an id of a kind that the column holds, else by its name.

    `columns` names for each column the kinds of ids in it: those of PERSON or keys of `Row.ids`.
    Case and spaces around do not count. A record whose name and e-mail addresses are all others
    than the student's is not taken. UsageError where students and records are not one to one.
    """
    index = _Index(records, columns, name_of)
    found: dict[int, Row] = {}
    missing = []
    for row in rows:
        hits, others = index.look_up(row)
        if len(hits) > 1:
            raise UsageError(
                f"The student {row.student!r} fits several rows of the downloaded file: "
                f"{index.names(hits)}.",
                hint="Give the student an id in the roster that only one of them has.",
            )
        for at in hits:
            if at in found:
                raise UsageError(
                    f"The students {found[at].student!r} and {row.student!r} fit the same row of "
                    f"the downloaded file: {index.names(hits)}.",
                    hint="Give each an id in the roster that only that row has.",
                )
            found[at] = row
        if not hits:
            missing.append(Missing(row=row, why=index.names(others)))
    return Matched(rows=found, missing=tuple(missing))


def notes_on(matched: Matched, without_grade: int) -> tuple[str, ...]:
    """What a person should know: students the file lacks, and rows left as they were."""
    notes = []
    absent = [safe_text(one.row.student, 200) for one in matched.missing if not one.why]
    if absent:
        notes.append(f"Not in the downloaded file, so left out: {', '.join(absent)}.")
    notes += [
        f"Left out: {safe_text(one.row.student, 200)}. An id of theirs is in the row of {one.why}, "
        "which by its name and e-mail address is another person's."
        for one in matched.missing
        if one.why
    ]
    if without_grade:
        plural = "row was" if without_grade == 1 else "rows were"
        notes.append(f"{without_grade} {plural} left unchanged: no grade.")
    return tuple(notes)


class _Index:
    """The file's records by their ids and by their names."""

    def __init__(
        self,
        records: Sequence[_Record],
        columns: Mapping[str, Sequence[str]],
        name_of: Callable[[_Record], str],
    ) -> None:
        self._records, self._columns, self._name_of = records, columns, name_of
        self._by_id: dict[tuple[str, str], set[int]] = {}
        self._by_name: dict[str, set[int]] = {}
        for at, record in enumerate(records):
            for column in columns:
                self._by_id.setdefault((column, _key(record.get(column, ""))), set()).add(at)
            self._by_name.setdefault(_key(name_of(record)), set()).add(at)

    def look_up(self, row: Row) -> tuple[set[int], set[int]]:
        """The records that fit, and those that have an id of the row and are another person's."""
        known = {**row.ids, "student": row.student, "email": row.email}
        hits: set[int] = set()
        for column, kinds in self._columns.items():
            for key in {_key(known.get(kind, "")) for kind in kinds} - {""}:
                hits |= self._by_id.get((column, key), set())
        others = {at for at in hits if self._is_other(row, self._records[at])}
        hits -= others
        if not hits and row.name.strip():
            for form in _forms(row.name):
                hits |= self._by_name.get(_key(form), set())
        return hits, others

    def names(self, hits: Iterable[int]) -> str:
        """The names in these records, to be shown."""
        names = [self._name_of(self._records[at]) for at in sorted(hits)]
        return ", ".join(safe_text(name, 100) or "one without a name" for name in names)

    def _is_other(self, row: Row, record: _Record) -> bool:
        """Whether all that both sides tell of the person differs; names agree in any word."""
        agree = []
        ours, theirs = _words(row.name), _words(self._name_of(record))
        if ours and theirs:
            agree.append(bool(ours & theirs))
        ours = {_key(text) for text in (row.student, row.email) if "@" in text}
        theirs = {_key(cell) for name in self._columns if "@" in (cell := record.get(name, ""))}
        if ours and theirs:
            agree.append(bool(ours & theirs))
        return bool(agree) and not any(agree)


def _key(text: str) -> str:
    return " ".join(text.split()).casefold()


def _words(name: str) -> set[str]:
    """The words of a name without accents; initials only where there is nothing else."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    kept = (c for c in plain if not unicodedata.combining(c))
    words = set("".join(c if c.isalnum() else " " for c in kept).split())
    return {word for word in words if len(word) > 1} or words


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
