"""The two roots of exceptions, ours and theirs; each message says whose fault it is.

`GraderError` is ours (the grader's, the course author's or the caller's) and withholds a score.
`SubmissionError` is the student's and becomes a graded result. Nothing here prints.
"""

from __future__ import annotations


class GraderError(Exception):
    """A fault that is not the student's; `hint` is the remedy, shown on its own line."""

    exit_code = 3
    whose = "the grader"

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(GraderError):
    """The command was called with something that cannot be."""

    exit_code = 2
    whose = "the command line"


class CourseError(GraderError):
    """A homework or course file is wrong: the instructor's to mend."""

    whose = "the course"


class InternalError(GraderError):
    """The grader itself failed."""


class SubmissionError(Exception):
    """The submission cannot be graded as it is: the student's to mend."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NothingThereError(SubmissionError):
    """The path leads to nothing: where a person gave it, a mistake of theirs and no result."""
