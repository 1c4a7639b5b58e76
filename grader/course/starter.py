"""What students start from, generated: `hwN.py`, `hwN.ipynb` and the handout's table of points.

The one source is `reference/hwN/solution.py`. The same source gives the same bytes on any machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from grader.course.manifest import Assignment, Problem
from grader.course.percent import PercentCell, percent_cells, strip_solutions
from grader.errors import CourseError

SOLUTION_FILE = "solution.py"
HANDOUT_FILE = "handout.md"
_TABLE_BEGIN = "<!-- points:begin -->"
_TABLE_END = "<!-- points:end -->"
_NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def build(assignment: Assignment, check: bool = False) -> list[Path]:
    """Write the starters and the handout's table; returns the files that changed.

    With `check` nothing is written and the files that would change are returned.
    """
    wanted = {
        assignment.folder / f"{assignment.module}.py": starter_py(assignment),
        assignment.folder / f"{assignment.module}.ipynb": starter_ipynb(assignment),
    }
    handout = assignment.folder / HANDOUT_FILE
    if handout.is_file():
        wanted[handout] = handout_with_table(assignment)
    return [path for path, text in wanted.items() if _update(path, text, check=check)]


def starter_py(assignment: Assignment) -> str:
    """The starter as a Python file: the solution's text with its solutions taken out."""
    parts: list[str] = []
    for cell in _starter_cells(assignment):
        parts += [cell.marker, *cell.lines] if cell.marker else cell.lines
    return "\n".join(parts).rstrip() + "\n"


def starter_ipynb(assignment: Assignment) -> str:
    """The starter as a notebook (format 4.5, no outputs), as Jupyter itself lays JSON out."""
    cells = [
        _notebook_cell(cell, f"{assignment.module}-{number:02d}")
        for number, cell in enumerate(_starter_cells(assignment), start=1)
    ]
    notebook = {
        "cells": cells,
        "metadata": _NOTEBOOK_METADATA,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def points_table(assignment: Assignment) -> str:
    """The points of each problem as a Markdown table: public, hidden, total; ends in a newline."""
    rows = [
        f"| {problem.id} | {_cell_text(problem.title)} | {_points_of((problem,))} |"
        for problem in assignment.problems
    ]
    return "\n".join(
        [
            "| Problem | Title | Public tests | Hidden tests | Points |",
            "| --- | --- | ---: | ---: | ---: |",
            *rows,
            f"| | **Total** | {_points_of(assignment.problems)} |",
            "",
        ]
    )


def handout_with_table(assignment: Assignment) -> str:
    """The handout's text with the table of points between its two markers brought up to date."""
    path = assignment.folder / HANDOUT_FILE
    text = _read(path)
    before, begin, rest = text.partition(_TABLE_BEGIN)
    old, end, after = rest.partition(_TABLE_END)
    if not (begin and end) or _TABLE_BEGIN in old + after or _TABLE_END in before + after:
        raise CourseError(
            f"{path} must hold {_TABLE_BEGIN} and then {_TABLE_END}, each once.",
            hint="The table of points is written between them.",
        )
    return f"{before}{begin}\n{points_table(assignment)}{end}{after}"


def write_handout_table(assignment: Assignment) -> bool:
    """Bring the handout's table of points up to date; returns whether the file changed."""
    return _update(assignment.folder / HANDOUT_FILE, handout_with_table(assignment))


def _starter_cells(assignment: Assignment) -> list[PercentCell]:
    if assignment.reference is None:
        raise CourseError(
            f"{assignment.id} has no reference/{assignment.id} here to build a starter from.",
            hint="Starters are built where the solutions are; students need no build.",
        )
    path = assignment.reference / SOLUTION_FILE
    return percent_cells(strip_solutions(_read(path), path), path)


def _notebook_cell(cell: PercentCell, identifier: str) -> dict[str, Any]:
    lines = list(cell.lines)
    if cell.is_markdown:
        lines = [line.removeprefix("#").removeprefix(" ") for line in lines]
    source = "\n".join(lines).rstrip().removeprefix("\n" * _leading_blanks(lines))
    common = {"id": identifier, "metadata": {}, "source": source.splitlines(keepends=True)}
    if cell.is_markdown:
        return {"cell_type": "markdown", **common}
    return {"cell_type": "code", "execution_count": None, "outputs": [], **common}


def _leading_blanks(lines: list[str]) -> int:
    return next((at for at, line in enumerate(lines) if line.strip()), len(lines))


def _points_of(problems: Iterable[Problem]) -> str:
    """The three columns of points; an empty column where there is no such test."""
    tests = [test for problem in problems for test in problem.tests]
    columns = [
        sum((test.max_score for test in tests if test.visibility in kinds), Decimal(0))
        for kinds in (("public",), ("hidden",), ("public", "hidden"))
    ]
    return " | ".join(_number(points) for points in columns)


def _number(points: Decimal) -> str:
    """`2`, `2.5`: no trailing zeros and no exponent."""
    text = f"{points:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _cell_text(text: str) -> str:
    return text.replace("|", r"\|")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise CourseError(f"{path} cannot be read: {err}") from err


def _update(path: Path, text: str, *, check: bool = False) -> bool:
    """Whether `path` does not hold exactly `text`; it does afterwards, but for `check`."""
    wanted = text.encode("utf-8")
    changed = not path.is_file() or path.read_bytes() != wanted
    if changed and not check:
        path.write_bytes(wanted)
    return changed
