"""A class's grades as a plain CSV, for a spreadsheet; no cell is a formula."""

from __future__ import annotations

from grader.export import cells
from grader.export.model import ClassRequest, Exported, Row
from grader.export.words import points_text

COLUMNS = ("student", "name", "email", "score", "max_score", "status")


def emit(request: ClassRequest) -> Exported:
    """One line a student; `status` is graded, excused or "not graded"."""
    lines = [list(COLUMNS)]
    for row in request.rows:
        line = [row.student, row.name, row.email, *_points(row), status_of(row)]
        lines.append([cells.neutral(cell) for cell in line])
    return Exported(text=cells.write_table(lines))


def status_of(row: Row) -> str:
    """In words whether the row has a grade."""
    if row.excused:
        return "excused"
    return "not graded" if row.score is None else "graded"


def _points(row: Row) -> list[str]:
    return ["" if value is None else points_text(value) for value in (row.score, row.max_score)]
