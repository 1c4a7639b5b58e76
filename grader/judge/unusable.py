"""A test's own lines that fail on what a submission gave back: its fault, and worth a look.

Tests look at a value before they use it, and the audit shows that the reference's pass them. A
value that gets by and breaks a line must not become an `error`, which would withhold the total.
"""

from __future__ import annotations

import traceback
from pathlib import Path

from grader.errors import CourseError, GraderError
from grader.judge.outcomes import TestOverran, WorkerBroken
from grader.report.model import Feedback
from grader.text import safe_text


def is_ours(error: BaseException) -> bool:
    """Whether it is the grader's fault, whatever a submission gave back."""
    ours = isinstance(error, GraderError) and not isinstance(error, CourseError)
    return ours or isinstance(error, WorkerBroken)


def unusable(error: BaseException, called: str | None) -> Feedback:
    """What the student is told: no word of the exception, which is about the test's lines."""
    if isinstance(error, TestOverran):
        return Feedback(message="what your code gave back kept the test too long", called=called)
    return Feedback(message="what your code gave back could not be used", called=called)


def remark_on(name: str, error: BaseException, *, hidden: bool) -> str:
    """What the instructor is told: where and which exception; its text not of a hidden test.

    The report may be the student's to read, and the text may hold what the submission chose.
    """
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).name.startswith("test_")]
    place = (own or frames)[-1] if frames else None
    where = f" at {Path(place.filename).name}:{place.lineno}" if place is not None else ""
    kind = type(error).__name__
    text = kind if hidden else f"{kind}: {error}"
    return safe_text(f"{name}: what came back could not be used{where} ({text})", 300)
