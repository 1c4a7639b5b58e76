"""Canvas's gradebook CSV, made from the one downloaded there: ids and names stay as they are.

Only the homework's column is written, so an import changes nothing else. A student without a
grade keeps the cell's old content.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.errors import UsageError
from grader.export import cells, match, rows
from grader.export.model import ClassRequest, Exported, Row
from grader.export.words import points_text

EXCUSED = "EX"
# ID is Canvas's own number of a user: a roster's id is never looked for there
_KEYS = {
    "ID": ("canvas",),
    "SIS User ID": (*match.PERSON, "sis"),
    "SIS Login ID": (*match.PERSON, "login", "username"),
}
_KEPT = ("Student", *_KEYS, "Root Account", "Section")
_ASSIGNMENT = re.compile(r"(.*\S)\s*\((\d+)\)\Z")
_POINTS = "Points Possible"
_HINT = "Download it in Canvas: Grades, Export, Export Entire Gradebook."


def emit(request: ClassRequest) -> Exported:
    """The import file and notes; UsageError where the downloaded file does not fit."""
    if request.downloaded is None:
        raise UsageError("Canvas's ids are needed: name the file with --gradebook.", hint=_HINT)
    table = cells.read_table(request.downloaded, "The Canvas gradebook")
    cells.check_columns(table.header, ("Student", "ID"), "The Canvas gradebook", _HINT)
    column = find_column(table.header, request)
    records = table.records()
    first = 1 + next(
        (i for i, record in enumerate(records) if record["Student"].strip() == _POINTS), -1
    )
    if first:
        _check_points(records[first - 1][column], column, request)
    matched = match.match(request.rows, records[first:], _KEYS, lambda r: r["Student"])
    kept = [name for name in table.header if name in _KEPT]
    lines = [[*kept, column]]
    for index, record in enumerate(records):
        row = matched.rows.get(index - first) if index >= first else None
        lines.append([*(_kept(record, name) for name in kept), _cell(record[column], row)])
    without = sum(row.score is None and not row.excused for row in matched.rows.values())
    return Exported(
        text=cells.write_table(lines, table.delimiter), notes=match.notes_on(matched, without)
    )


def _kept(record: Mapping[str, str], name: str) -> str:
    """Ids and names as they were; the name is made text where an id does the matching."""
    if name == "Student" and record["ID"].strip():
        return cells.neutral(record[name])
    return record[name]


def _cell(before: str, row: Row | None) -> str:
    if row is None:
        return before
    if row.excused:
        return EXCUSED
    return before if row.score is None else rows.two_decimals(row.score)


def find_column(header: tuple[str, ...], request: ClassRequest) -> str:
    """The homework's column: by --column, else its title, else its id as the first word."""
    titles = {name: m[1] for name in header if (m := _ASSIGNMENT.match(name))}
    wanted = request.column if request.column is not None else request.title
    tries = [
        [name for name in header if name == wanted],
        [name for name, title in titles.items() if title.casefold() == wanted.casefold()],
    ]
    if request.column is None and request.homework:
        word = re.compile(rf"{re.escape(request.homework)}\b", re.IGNORECASE)
        tries.append([name for name, title in titles.items() if word.match(title)])
    for found in tries:
        if len(found) == 1 and found[0] not in _KEPT:
            return found[0]
    listed = ", ".join(repr(name) for name in titles) or "none"
    raise UsageError(
        f"The Canvas gradebook has not one column for {wanted!r}.",
        hint=f"Name one with --column. Its assignments: {listed}.",
    )


def _check_points(cell: str, column: str, request: ClassRequest) -> None:
    """Canvas takes points as they are: its maximum must be the homework's."""
    possible = cells.number_in(cell)
    for row in request.rows:
        if possible is not None and row.max_score not in (None, possible):
            raise UsageError(
                f"Canvas has {cell.strip()} points possible for {column!r}, the homework "
                f"{points_text(row.max_score)}.",
                hint="Set the assignment's points in Canvas, then download the gradebook again.",
            )
