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

UNUSABLE = "what your code gave back could not be used"
OVERRAN = "what your code gave back kept the test too long"


def is_ours(error: BaseException) -> bool:
    """Whether it is the course's or the grader's fault, whatever a submission gave back.

    No value makes a global name of a test unknown or a module absent: nobody ever ran that line.
    A local name is unknown after a loop over nothing, and that may be what came back.
    """
    ours = isinstance(error, GraderError) and not isinstance(error, CourseError)
    unknown = type(error) is NameError and "free variable" not in str(error)
    return ours or unknown or isinstance(error, (WorkerBroken, ImportError))


def unusable(error: BaseException, called: str | None, *, hidden: bool) -> Feedback:
    """What the student is told: of a hidden test not a word of the exception."""
    return Feedback(
        message=OVERRAN if isinstance(error, TestOverran) else UNUSABLE,
        called=called,
        exception=None if hidden else _words(error, hidden=False),
    )


def remark_on(name: str, error: BaseException, *, hidden: bool) -> str:
    """What the instructor is told, in a report that may be the student's to read."""
    message = "kept the test too long" if isinstance(error, TestOverran) else "could not be used"
    return safe_text(f"{name}: what came back {message}: {_words(error, hidden=hidden)}", 300)


def _words(error: BaseException, *, hidden: bool) -> str:
    kind = type(error).__name__
    if hidden:
        return f"{kind}; --reveal shows where"
    return safe_text(f"{kind} at {line_of_test(error)}: {error}", 300)
