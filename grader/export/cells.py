"""CSV cells: read with the file's own delimiter, written so that a spreadsheet computes nothing.

A cell that begins with = + - @ or a control character is a formula to a spreadsheet, unless it is a
number or a lone dash. An apostrophe before it makes it text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from grader.errors import UsageError

MAX_CHARACTERS = 20_000_000
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_NO_FORMULA = re.compile(
    r"-|[+-]?[0-9][0-9.,]*(?:[eE][+-]?[0-9]+)?%?"
)  # a number has no other part
_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True)
class Table:
    """A CSV file: every line's cells, the header first, and what parts the cells."""

    lines: tuple[tuple[str, ...], ...]
    delimiter: str

    @property
    def header(self) -> tuple[str, ...]:
        return self.lines[0]

    def records(self) -> list[dict[str, str]]:
        """The lines below the header by the names of their columns; short lines end in ""."""
        return [
            {name: line[i] if i < len(line) else "" for i, name in enumerate(self.header)}
            for line in self.lines[1:]
        ]


def read_table(text: str, what: str) -> Table:
    """The table in `text`; a byte order mark is dropped. `what` names the file in an error."""
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_CHARACTERS:
        raise UsageError(f"{what} is larger than {MAX_CHARACTERS // 1_000_000} MB.")
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        lines = tuple(tuple(line) for line in rows if any(cell.strip() for cell in line))
    except csv.Error as err:
        raise UsageError(f"{what} is not valid CSV: {err}.") from err
    if not lines:
        raise UsageError(f"{what} is empty.")
    header = tuple(cell.strip() for cell in lines[0])
    return Table((header, *lines[1:]), delimiter)


def write_table(lines: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """The lines as CSV, quoted where needed, each ended by a newline."""
    out = io.StringIO()
    plain = ([cell.replace("\r\n", "\n").replace("\r", " ") for cell in line] for line in lines)
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(plain)
    return out.getvalue()


def neutral(cell: str) -> str:
    """`cell` as text to every spreadsheet; numbers and a lone dash stay as they are."""
    formula = cell.startswith(_FORMULA_STARTS) and not _NO_FORMULA.fullmatch(cell)
    return f"'{cell}" if formula else cell


def check_columns(header: Sequence[str], needed: Iterable[str], what: str, hint: str) -> None:
    """UsageError where a column that the reader needs is missing or there twice."""
    for name in needed:
        if header.count(name) != 1:
            state = "has no" if name not in header else "has more than one"
            raise UsageError(f"{what} {state} column {name!r}.", hint=hint)


def number_in(cell: str) -> Decimal | None:
    """The number that a cell holds, with a point or a comma before its decimals; else None."""
    text = cell.strip()
    try:
        return Decimal(text.replace(",", "") if "." in text else text.replace(",", "."))
    except InvalidOperation:
        return None
