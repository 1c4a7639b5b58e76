"""What goes into the gradebook and what comes out of it, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

FILE_TIME = "file"  # Handed.time_from where only the file's modification says when


class AttemptStatus(StrEnum):
    """`GRADED` has a score, `UNREADABLE` has zero by the student's fault, `ERROR` is ours."""

    GRADED = "graded"
    UNREADABLE = "unreadable"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class Key:
    """What makes a grading the same grading: who, what, and the hashes of everything it needs."""

    homework: str
    student: str
    submission_hash: str
    suite_hash: str
    environment_hash: str
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Handed:
    """When and how a submission was handed in.

    `submitted_at` is aware or None where nothing says it; `time_from` names what said it.
    `marked_late` is the platform's own mark (Canvas), kept for the instructor's eye.
    """

    submitted_at: datetime | None = None
    time_from: str = ""
    marked_late: bool = False
    source: str = ""
    layout: str = ""
    commit: str | None = None


@dataclass(frozen=True, kw_only=True)
class Result:
    """One grading to record.

    `report` is a report's dict (`grader.report.serialise.to_dict`), None only with an `error`.
    A report whose `score` is null is recorded as an error whatever `unreadable` says.
    """

    key: Key
    report: dict[str, Any] | None
    handed: Handed = Handed()
    error: str | None = None
    unreadable: bool = False
    batch: str = ""
    duration_s: float = 0.0

    @property
    def status(self) -> AttemptStatus:
        if self.report is None or self.report["score"] is None:
            return AttemptStatus.ERROR
        return AttemptStatus.UNREADABLE if self.unreadable else AttemptStatus.GRADED


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One grading of one submission as it was handed in.

    `id` names the grading, `submission_id` the handing in: a student who hands the same file in
    twice has two attempts with one grading. `regrade` is 0 or the regrade that made it.
    `score` is None where an error of ours withheld it.
    """

    id: int
    submission_id: int
    key: Key
    handed: Handed
    status: AttemptStatus
    score: Decimal | None
    max_score: Decimal | None
    graded_at: datetime
    batch: str = ""
    error: str | None = None
    regrade: int = 0
    duration_s: float = 0.0

    @property
    def student(self) -> str:
        return self.key.student

    @property
    def homework(self) -> str:
        return self.key.homework

    @property
    def submitted_at(self) -> datetime | None:
        return self.handed.submitted_at


@dataclass(frozen=True, kw_only=True)
class Student:
    """A person of the roster, or the key of submissions that nobody in it matches."""

    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    github: str = ""
    enrolled: bool = False
