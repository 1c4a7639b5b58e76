"""The payload of classroom-resources' grading reporter: base64 of JSON, for a step's output.

The reporter sums `score` for its annotation, and for its table counts tests; it prints names and
test code into its step's log, so both are kept from being workflow commands. The payload travels
in an environment variable, which Linux ends at 128 KiB.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from grader.export import words
from grader.export.actions import inert, unbracketed
from grader.export.model import Context
from grader.report.model import Report, Status, TestResult
from grader.text import safe_text

MAX_JSON_BYTES = 90_000  # 120,000 in base64
_MESSAGE = 2_000  # characters, at most


def emit(report: Report, context: Context) -> str:
    """The payload in base64 on one line, with a final newline."""
    text = words.within(
        MAX_JSON_BYTES,
        lambda cut: json.dumps(payload(report, cut), allow_nan=False, separators=(",", ":")),
    )
    return base64.b64encode(text.encode()).decode() + "\n"


def payload(report: Report, cut: words.Cut = words.CUTS[0]) -> dict[str, Any]:
    """The JSON; where the total is withheld `max_score` is 0, and the reporter tells no points."""
    withheld = report.score is None
    scores = words.float_scores((test.score for test in report.tests), report.max_score)
    return {
        "version": 1,
        "status": _status(report),
        "max_score": 0 if withheld else words.number(report.max_score),
        "tests": [
            _test(test, 0 if withheld else _plain(score), cut)
            for test, score in zip(report.tests, scores, strict=True)
        ],
    }


def _status(report: Report) -> str:
    if report.score is None:
        return "error"
    return "fail" if any(words.lost_points(test) for test in report.tests) else "pass"


def _test(test: TestResult, score: int | float, cut: words.Cut) -> dict[str, Any]:
    status = "fail" if words.lost_points(test) else "pass"
    place = test.feedback.place if test.feedback else None
    message = words.feedback_text(test, output=0) if status == "fail" else ""
    message = inert(message[: min(_MESSAGE, cut.message)])
    return {
        "name": unbracketed(f"Problem {test.problem}: {words.title_of(test, cut.title)}"),
        "status": "error" if test.status is Status.ERROR else status,
        "message": message,
        "test_code": message,
        "filename": safe_text(unbracketed(place.file), min(100, cut.title)) if place else "",
        "line_no": place.line if place and place.cell is None else 0,
        "score": score,
        "execution_time": round(test.duration_s * 1000),
    }


def _plain(score: float) -> int | float:
    return int(score) if score.is_integer() else score
