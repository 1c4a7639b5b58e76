"""A class's grades as plain JSON; `read_grades` takes it again."""

from __future__ import annotations

import json
from decimal import Decimal

from grader.export.class_csv import status_of
from grader.export.model import ClassRequest, Exported
from grader.export.words import number


def emit(request: ClassRequest) -> Exported:
    """One object a student; `score` is null where there is no grade."""
    value = {
        "homework": request.homework,
        "title": request.title,
        "grades": [
            {
                "student": row.student,
                "name": row.name,
                "email": row.email,
                "ids": dict(row.ids),
                "score": _number(row.score),
                "max_score": _number(row.max_score),
                "status": status_of(row),
            }
            for row in request.rows
        ],
    }
    return Exported(text=json.dumps(value, indent=2, allow_nan=False) + "\n")


def _number(points: Decimal | None) -> int | float | None:
    return None if points is None else number(points)
