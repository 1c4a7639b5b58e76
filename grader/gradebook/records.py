"""Grades as plain values for files: one flat record a student, numbers exact."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from grader.gradebook.sheet import Line

# the columns of the CSV, in order; the JSON has "explanation" and "warnings" as lists beside them
COLUMNS = (
    "student",
    "name",
    "email",
    "section",
    "github",
    "enrolled",
    "status",
    "score",
    "max_score",
    "raw_score",
    "days_late",
    "late_days_spent",
    "late_days_left",
    "penalty",
    "adjustment",
    "submitted_at",
    "time_from",
    "graded_at",
    "attempt",
    "attempts",
    "commit",
    "source",
    "submission_hash",
    "suite_hash",
    "environment_hash",
    "seed",
    "warnings",
    "reason",
)
NUMBERS = frozenset({"score", "max_score", "raw_score", "penalty", "adjustment"})


def records(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """One record a line: JSON values, None where there is none; times in UTC as ISO 8601."""
    return [_record(line) for line in lines]


def cells_of(record: dict[str, Any]) -> list[str]:
    """A record's cells in the order of `COLUMNS`, empty for None."""
    return [_cell(record[name]) for name in COLUMNS]


def _record(line: Line) -> dict[str, Any]:
    student, grade = line.student, line.grade
    attempt = grade.attempt
    return {
        "student": student.id,
        "name": student.name,
        "email": student.email,
        "section": student.section,
        "github": student.github,
        "enrolled": student.enrolled,
        "status": grade.status.value,
        "score": _number(grade.score),
        "max_score": _number(grade.max_score),
        "raw_score": _number(grade.raw_score),
        "days_late": grade.days_late,
        "late_days_spent": grade.late_days_spent,
        "late_days_left": grade.late_days_left,
        "penalty": _number(grade.penalty),
        "adjustment": _number(grade.adjustment),
        "submitted_at": _time(attempt.submitted_at) if attempt else None,
        "time_from": attempt.handed.time_from if attempt else None,
        "graded_at": _time(attempt.graded_at) if attempt else None,
        "attempt": attempt.id if attempt else None,
        "attempts": grade.attempts,
        "commit": attempt.handed.commit if attempt else None,
        "source": attempt.handed.source if attempt else None,
        "submission_hash": attempt.key.submission_hash if attempt else None,
        "suite_hash": attempt.key.suite_hash if attempt else None,
        "environment_hash": attempt.key.environment_hash if attempt else None,
        "seed": attempt.key.seed if attempt else None,
        "warnings": list(grade.warnings),
        "reason": line.reason,
        "explanation": list(grade.lines),
        "ids": {"github": student.github} if student.github else {},
    }


def _number(value: Decimal | None) -> int | float | None:
    """At most six decimals below a billion: the float is written as the same decimal."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "; ".join(value) if isinstance(value, list) else str(value)
