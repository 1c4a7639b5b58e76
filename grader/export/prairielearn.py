"""PrairieLearn's results/results.json of an external grader, never above its 1 MB.

A withheld total is `gradable: false`: the attempt does not count, and no zero is given.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from grader.export import words
from grader.export.model import Context
from grader.report.model import Report, TestResult
from grader.text import safe_text

MAX_BYTES = 1_000_000
_OUTPUT_LIMITS = (words.OUTPUT, 1_000, 0)  # characters of printed output, tried in turn


def emit(report: Report, context: Context) -> str:
    """The results, with less printed output where they would be too large."""
    for limit in _OUTPUT_LIMITS:
        text = json.dumps(results(report, limit), indent=2, allow_nan=False) + "\n"
        if len(text.encode()) <= MAX_BYTES:
            break
    return text


def results(report: Report, output_limit: int = words.OUTPUT) -> dict[str, Any]:
    """The content of results.json."""
    if report.score is None:
        return {"gradable": False, "format_errors": [words.NOT_GRADED], "tests": []}
    notes = [f"Note: {safe_text(note, words.LINE)}" for note in report.notes]
    return {
        "gradable": True,
        "score": _fraction(report.score, report.max_score),
        "message": safe_text(report.title, 200),
        "output": "\n".join(notes),
        "tests": [
            _test(test, f"{problem.id} {problem.title}", output_limit)
            for problem in report.problems
            for test in problem.tests
        ],
    }


def _fraction(score: Decimal, max_score: Decimal) -> float:
    if not max_score:
        return 0.0
    return min(max(float(score / max_score), 0.0), 1.0)


def _test(test: TestResult, problem: str, output_limit: int) -> dict[str, Any]:
    return {
        "name": words.title_of(test),
        "description": safe_text(problem, 200),
        "points": words.number(test.score),
        "max_points": words.number(test.max_score),
        "message": words.feedback_text(test, output=0),
        "output": words.printed_text(test, output_limit),
    }
