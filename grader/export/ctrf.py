"""CTRF, the Common Test Report Format; what it has no key for stands in `extra`.

It knows no points: a test with less than all of its points is `failed` there, one that did not
run too, and one that could not be judged is `other`.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from grader.export import words
from grader.export.model import Context, Source
from grader.report.model import Report, Status, TestResult
from grader.text import safe_text

SPEC_VERSION = "0.0.0"
_STATUSES = ("passed", "failed", "skipped", "pending", "other")


def emit(report: Report, context: Context) -> str:
    """The report as CTRF; times are whole milliseconds."""
    tests = [
        _test(test, [report.assignment, f"{problem.id} {problem.title}"], context.source)
        for problem in report.problems
        for test in problem.tests
    ]
    start = _milliseconds(report.started_at)
    counts = {status: sum(t["status"] == status for t in tests) for status in _STATUSES}
    value = {
        "reportFormat": "CTRF",
        "specVersion": SPEC_VERSION,
        "generatedBy": "grader",
        "results": {
            "tool": {"name": "grader", "version": report.versions.get("grader", "")},
            "summary": {
                "tests": len(tests),
                **counts,
                "start": start,
                "stop": start + round(report.duration_s * 1000),
                "extra": {
                    "score": None if report.score is None else words.number(report.score),
                    "max_score": words.number(report.max_score),
                },
            },
            "tests": tests,
        },
        "extra": {
            "assignment": report.assignment,
            "submission": safe_text(report.submission, 200),
            "isolation_level": report.isolation.get("level"),
            "hashes": report.hashes,
        },
    }
    return json.dumps(value, indent=2, allow_nan=False) + "\n"


def _test(test: TestResult, suite: list[str], source: Source | None) -> dict[str, Any]:
    value: dict[str, Any] = {
        "name": words.title_of(test),
        "status": _status(test),
        "duration": round(test.duration_s * 1000),
        "suite": [safe_text(part, 200) or "-" for part in suite],
        "rawStatus": test.status.value,
        "tags": [test.visibility],
        "extra": {
            "id": test.id,
            "score": words.number(test.score),
            "max_score": words.number(test.max_score),
        },
    }
    if words.lost_points(test):
        value["message"] = words.feedback_text(test, output=0) or words.summary_line(test)
    place = test.feedback.place if test.feedback else None
    if place is not None:
        value["filePath"] = source.path if source is not None else safe_text(place.file, 100)
        # a reader takes it for a line of filePath: not of a cell, nor of what is in a zip
        if place.cell is None and (source is None or source.has_lines):
            value["line"] = place.line
    printed = words.printed_text(test)
    if printed:
        value["stdout"] = printed.split("\n")
    return value


def _status(test: TestResult) -> str:
    if test.status is Status.ERROR:
        return "other"
    return "failed" if words.lost_points(test) else "passed"


def _milliseconds(moment: str) -> int:
    try:
        return round(datetime.fromisoformat(moment).timestamp() * 1000)
    except ValueError:
        return 0
