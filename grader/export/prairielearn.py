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


def emit(report: Report, context: Context) -> str:
    """The results, with less of each test where they would be too large."""
    return words.within(
        MAX_BYTES,
        lambda cut: json.dumps(results(report, cut), indent=2, allow_nan=False) + "\n",
    )


def results(report: Report, cut: words.Cut = words.CUTS[0]) -> dict[str, Any]:
    """The content of results.json."""
    if report.score is None:
        return {"gradable": False, "format_errors": [words.NOT_GRADED], "tests": []}
    notes = [f"Note: {safe_text(note, words.LINE)}" for note in report.notes]
    return {
        "gradable": True,
        "score": _fraction(report, report.score),
        "message": safe_text(report.title, 200),
        "output": "\n".join(notes),
        "tests": [
            _test(test, f"{problem.id} {problem.title}", cut)
            for problem in report.problems
            for test in problem.tests
        ],
    }


def _fraction(report: Report, score: Decimal) -> float:
    """The part of all points; of a homework without any, whether all tests passed."""
    if not report.max_score:
        return float(not any(words.lost_points(test) for test in report.tests))
    return min(max(float(score / report.max_score), 0.0), 1.0)


def _test(test: TestResult, problem: str, cut: words.Cut) -> dict[str, Any]:
    return {
        "name": words.title_of(test, cut.title),
        "description": safe_text(problem, min(200, cut.title)),
        "points": words.number(test.score),
        "max_points": words.number(test.max_score),
        "message": safe_text(words.feedback_text(test, output=0), cut.message, lines=True),
        "output": words.printed_text(test, cut.output),
    }
