"""Why a submission has no points at all, in a few words read from its stored report.

A file that cannot be read, or not be loaded, is a zero like any other in a table; who grades should
see at once which it is. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grader.report.model import UNANSWERED, UNWRITTEN
from grader.text import safe_text

MOST_CHARACTERS = 300


def why_nothing(report: dict[str, Any]) -> str:
    """ "did not load: SyntaxError, line 301", or what its notes say; "" where nothing does.

    `report` is that of a submission without points, or of one that could not be read.
    """
    ran = [test for test in _tests(report) if test["status"] != "not_run"]
    waited = any(test["status"] == "not_run" and test["feedback"] for test in _tests(report))
    if ran and waited:
        return safe_text(f"did not load: {_what(ran[0])}", MOST_CHARACTERS)
    messages = {test["feedback"]["message"] for test in ran if test["feedback"]}
    if UNWRITTEN in messages and messages <= {UNWRITTEN, UNANSWERED}:
        return "nothing of it is written yet"
    for note in report.get("notes", ()):
        return safe_text(note, MOST_CHARACTERS)
    return ""


def _tests(report: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for problem in report.get("problems", ()):
        yield from problem["tests"]


def _what(test: dict[str, Any]) -> str:
    """What became of the test that met the file first."""
    feedback = test["feedback"] or {}
    exception, place = feedback.get("exception"), feedback.get("place")
    if not exception:
        _, _, words = feedback.get("message", "").partition(": ")
        return words or test["status"]
    kind = exception.partition(":")[0]
    if place is None:
        return kind
    cell = "" if place["cell"] is None else f"code cell {place['cell']}, "
    return f"{kind}, {cell}line {place['line']}"
