"""A submission without points says why where there is a reason, from the report that is stored."""

from __future__ import annotations

import json

import pytest

from grader.gradebook.reasons import why_nothing
from grader.report.serialise import to_dict
from tests.conftest import Grade

CELL = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
BROKEN_CELL = json.dumps(
    {
        "cells": [{**CELL, "id": "a", "source": "x = 1\ndef double(x:\n"}],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)


@pytest.mark.parametrize(
    ("source", "name", "reason"),
    [
        ("x = 1\n\n\ndef double(x:\n", "tiny.py", "did not load: SyntaxError, line 4"),
        ("import nowhere\n", "tiny.py", "did not load: ModuleNotFoundError, line 1"),
        ("import os\nos._exit(0)\n", "tiny.py", "did not load: it left with exit code 0"),
        (
            "while True:\n    pass\n",
            "tiny.py",
            "did not load: it used up its 1.5 s; it was in line 1",
        ),
        ("", "tiny.py", "'tiny.py' holds no code."),
        (
            BROKEN_CELL,
            "tiny.ipynb",
            "code cell 1, line 2 failed: SyntaxError: '(' was never closed",
        ),
        ("def double(x):\n    return 'no'\n", "tiny.py", ""),
    ],
)
def test_a_zero_says_why(grade_tiny: Grade, source: str, name: str, reason: str) -> None:
    report = to_dict(grade_tiny(source, name))
    assert report["score"] == 0
    assert why_nothing(report) == reason


def test_an_untouched_starter_is_told(grade_tiny: Grade) -> None:
    raises = "    raise NotImplementedError('Problem 1')\n"
    source = (
        f"def double(x):\n{raises}\n\ndef apply(f, x):\n{raises}\n\n"
        f"class Counter:\n    def count(self):\n    {raises}"
    )
    assert why_nothing(to_dict(grade_tiny(source))) == "nothing of it is written yet"


def test_an_untouched_starter_with_a_quiz_and_notes_is_told() -> None:
    messages = ("not written yet", "not answered yet")
    tests = [{"id": m, "status": "failed", "feedback": {"message": m}} for m in messages]
    report = {"problems": [{"tests": tests}], "notes": ["'hw3.py' was taken, 'hw3.ipynb' not."]}
    assert why_nothing(report) == "nothing of it is written yet"


def test_what_could_not_be_read_says_why() -> None:
    tests = [{"id": "test_a", "status": "not_run", "feedback": None}]
    report = {"problems": [{"tests": tests}], "notes": ["Looked for hw3.py and found nothing."]}
    assert why_nothing(report) == "Looked for hw3.py and found nothing."


def test_text_of_a_submission_is_bounded_and_escaped() -> None:
    reason = why_nothing({"problems": [], "notes": ["\x1b[2J" + "x" * 5000]})
    assert reason.isprintable()
    assert len(reason) <= 300
