"""What a grading run found, as frozen data; the one source of every output format.

The default status is `not_run` and scores nothing: a verdict must be made to count.
`error` is ours; a report that holds one has no total.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

# messages of a part that is still as in the starter: unfinished, not wrong
UNWRITTEN = "not written yet"
UNANSWERED = "not answered yet"


class Status(StrEnum):
    """How a test ended. All but `ERROR` are the student's."""

    NOT_RUN = "not_run"
    PASSED = "passed"
    FAILED = "failed"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A line of the student's own code; `cell` is the notebook cell or None."""

    file: str
    line: int
    cell: int | None = None
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """Why a test lost points, in words for the student; texts are already escaped.

    `called` the call that was made, `expected` in words, `got` what came back, `mistake` the
    mistake recognised, `exception` "ValueError: ..." of the student's code and `place` its line.
    """

    message: str
    called: str | None = None
    expected: str | None = None
    got: str | None = None
    mistake: str | None = None
    exception: str | None = None
    place: Place | None = None
    hint: str | None = None

    @property
    def is_unfinished(self) -> bool:
        """Whether the student has not begun with this part."""
        return self.message in (UNWRITTEN, UNANSWERED)


@dataclass(frozen=True, kw_only=True)
class TestResult:
    """One test's record; every test of the manifest has one, run or not."""

    __test__ = False

    id: str
    problem: str
    title: str
    visibility: str
    max_score: Decimal
    status: Status = Status.NOT_RUN
    score: Decimal = Decimal(0)
    feedback: Feedback | None = None
    output: str = ""
    duration_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class ProblemResult:
    """One problem's tests in the manifest's order; none where all of its points are `elsewhere`."""

    id: str
    title: str
    tests: tuple[TestResult, ...]
    elsewhere: Decimal = Decimal(0)

    @property
    def score(self) -> Decimal:
        return sum((test.score for test in self.tests), Decimal(0))

    @property
    def max_score(self) -> Decimal:
        return sum((test.max_score for test in self.tests), Decimal(0))


@dataclass(frozen=True, kw_only=True)
class Report:
    """One submission graded.

    `isolation`, `hashes` and `versions` are plain dicts of JSON values. `file` is the file that was
    graded, with the folder or zip that it was in. `max_score` counts the tests that ran or were to
    run; `elsewhere` the points of the others: hidden tests that are not in this checkout, or tests
    that were not asked for.
    """

    assignment: str
    title: str
    submission: str
    problems: tuple[ProblemResult, ...]
    isolation: dict[str, Any]
    seed: int
    device: str
    hashes: dict[str, str]
    versions: dict[str, str]
    file: str = ""
    notes: tuple[str, ...] = ()
    elsewhere: Decimal = Decimal(0)
    started_at: str = ""
    duration_s: float = 0.0

    @property
    def tests(self) -> tuple[TestResult, ...]:
        return tuple(test for problem in self.problems for test in problem.tests)

    @property
    def errors(self) -> tuple[TestResult, ...]:
        return tuple(test for test in self.tests if test.status is Status.ERROR)

    @property
    def score(self) -> Decimal | None:
        """The total, or None where an error of ours withholds it."""
        if self.errors:
            return None
        return sum((problem.score for problem in self.problems), Decimal(0))

    @property
    def max_score(self) -> Decimal:
        return sum((problem.max_score for problem in self.problems), Decimal(0))
