"""A class's grades as a plain CSV, for a spreadsheet; no cell is a formula."""

from __future__ import annotations

from grader.export import cells
from grader.export.model import ClassRequest, Exported, Row
from grader.export.words import points_text

COLUMNS = ("student", "name", "email", "score", "max_score", "status")


def emit(request: ClassRequest) -> Exported:
    """One line a student; `status` is that of the grades: graded, missing, unreadable, ..."""
    lines = [list(COLUMNS)]
    for row in request.rows:
        line = [row.student, row.name, row.email, *_points(row), status_of(row)]
        lines.append([cells.neutral(cell) for cell in line])
    return Exported(text=cells.write_table(lines))


def status_of(row: Row) -> str:
    """What the grades say of the row; where they say nothing, whether it has a grade."""
    if row.status:
        return row.status
    if row.excused:
        return "excused"
    return "not graded" if row.score is None else "graded"


def _points(row: Row) -> list[str]:
    return ["" if value is None else points_text(value) for value in (row.score, row.max_score)]
