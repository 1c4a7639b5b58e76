"""A class's grades from the JSON of `grader grades HW --json`; points as gradebooks write them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from grader.errors import UsageError
from grader.export.model import Row
from grader.export.words import points_text
from grader.text import safe_text

_LISTS = ("grades", "rows", "students")  # the key under which a JSON object holds its rows
MOST_POINTS = 1_000_000
_CENT, _MILLIONTH = Decimal("0.01"), Decimal("0.000001")


@dataclass(frozen=True, kw_only=True)
class Grades:
    """One homework's rows, with its id and title as far as the file says them."""

    homework: str
    title: str
    rows: tuple[Row, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of the grades, whatever they are exported to."""
        above = [
            f"{safe_text(row.student, 200)} ({points_text(row.score)} of "
            f"{points_text(row.max_score)})"
            for row in self.rows
            if row.score is not None and row.max_score is not None and row.score > row.max_score
        ]
        return (f"More points than the maximum: {', '.join(above)}.",) if above else ()


def read_grades(text: str) -> Grades:
    """The rows in JSON text; UsageError where it is no such file.

    Read are `homework`, `title` and a list of objects with `student`, `score` (a number or null),
    and if there, `max_score`, `name`, `email`, `status` or `excused`, and `ids`. Points are taken
    to six decimals; none are below 0 or above MOST_POINTS.
    """
    try:
        value = json.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as err:
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
        status=str(entry.get("status") or ""),
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
    if not 0 <= points <= MOST_POINTS:
        raise UsageError(
            f"The grade of {student!r} is {str(value)[:40]}: points are between 0 and "
            f"{MOST_POINTS:,}."
        )
    exact = points.quantize(_MILLIONTH)
    return points if points == exact else exact


def two_decimals(points: Decimal) -> str:
    """ "87.50": as gradebooks compare points."""
    return f"{points.quantize(_CENT, rounding=ROUND_HALF_UP):f}"
