"""What the engines take and give: a submission to grade, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from grader.judge.plan import Plan
from grader.submission.model import Submission


@dataclass(frozen=True, kw_only=True)
class Job:
    """One submission to grade; `key` names it in this batch (a student, an attempt).

    `submission` is what is at `path` where that has been read already, `unreadable` why it could
    not be; `plan` is how it is graded where that differs from the batch's settings.
    """

    key: str
    path: Path
    submission: Submission | None = None
    unreadable: str | None = None
    plan: Plan = field(default_factory=Plan)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a job.

    `report` is the report's dict; None only where the grader itself failed, and then `error` says
    how. `unreadable` is the student's fault: nothing could be read, every test is `not_run`.
    """

    key: str
    report: dict[str, Any] | None
    error: str | None = None
    unreadable: bool = False
    duration_s: float = 0.0


class Engine(Protocol):
    """Grades jobs, in any order; `close` ends what it started, whatever state it is in."""

    def submit(self, job: Job) -> None: ...

    def next_outcome(self, timeout_s: float | None = None) -> Outcome | None: ...

    def under_way(self) -> Mapping[str, float]:
        """The keys of the jobs being graded now, and `time.monotonic()` when each was begun."""
        ...

    @property
    def capacity(self) -> int: ...

    def close(self) -> None: ...
