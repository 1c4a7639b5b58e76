"""A test's own lines that fail on what a submission gave back: its fault, and worth a look.

Tests look at a value before they use it, and the audit shows that the reference's pass them. A
value that gets by and breaks a line must not become an `error`, which would withhold the total.
"""

from __future__ import annotations

from grader.errors import CourseError, GraderError
from grader.judge.outcomes import TestOverran, WorkerBroken
from grader.judge.where import line_of_test
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
    """What the instructor is told: which exception, and where.

    Of a hidden test no more than its class, since the report may be the student's to read.
    """
    kind = type(error).__name__
    where = "; --reveal shows where" if hidden else f" at {line_of_test(error)}: {error}"
    return safe_text(f"{name}: what came back could not be used: {kind}{where}", 300)
