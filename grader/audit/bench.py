"""Grades solutions that exist as text only, many at a time, on the engine that grades a class."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.batch.jobs import Job, Outcome
from grader.batch.local import LocalEngine
from grader.errors import InternalError
from grader.judge.plan import Plan
from grader.judge.run import Settings
from grader.judge.unusable import UNUSABLE

WAIT_S = 600.0  # longer than any test may take
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A solution to grade: `name` is unique among those graded together, `source` its file."""

    name: str
    source: str
    plan: Plan = field(default_factory=Plan)
    suffix: str = ".py"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One test's outcome, as far as an audit needs it."""

    status: str
    score: float
    max_score: float
    duration_s: float
    message: str
    output: str

    @property
    def is_full(self) -> bool:
        return self.status == "passed" and self.score == self.max_score

    @property
    def gives_points(self) -> bool:
        return self.status == "passed" and (self.score > 0 or self.max_score == 0)

    @property
    def was_run(self) -> bool:
        return self.status != "not_run"


@dataclass(frozen=True, kw_only=True)
class Graded:
    """A trial's marks by test; `failure` says in words that the grader itself failed."""

    trial: Trial
    marks: dict[str, Mark]
    failure: str | None = None

    @property
    def lost(self) -> tuple[str, ...]:
        """The tests that did not give all their points, those not run included."""
        return tuple(name for name, mark in self.marks.items() if not mark.is_full)

    @property
    def errors(self) -> dict[str, str]:
        """What went wrong on our side, by test.

        A test whose own lines break on what came back did not look at it first: its author's.
        """
        found = {
            name: mark.message
            for name, mark in self.marks.items()
            if mark.status == "error" or mark.message.startswith(UNUSABLE)
        }
        return {"the grader": self.failure, **found} if self.failure else found


class Bench:
    """A warm engine and a folder for the trials' files; a context manager."""

    def __init__(self, settings: Settings, judges: int = 0) -> None:
        self._module = settings.assignment.module
        self._engine = LocalEngine(settings, judges)
        self._folder = tempfile.TemporaryDirectory(prefix="grader-audit-")
        self._number = 0

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.close()
        self._folder.cleanup()

    def grade(self, trials: Iterable[Trial], progress: Progress | None = None) -> list[Graded]:
        """The outcome of each trial, in the order of `trials`.

        Where the grader itself failed, it tries once more: a machine short of memory is no
        property of a homework, and what fails by itself fails again.
        """
        waiting = list(trials)
        outcomes: dict[str, Graded] = {}
        for graded in self._grade(waiting):
            outcomes[graded.trial.name] = graded
            if progress is not None:
                progress(len(outcomes), len(waiting))
        again = [trial for trial in waiting if outcomes[trial.name].failure is not None]
        outcomes |= {graded.trial.name: graded for graded in self._grade(again)}
        return [outcomes[trial.name] for trial in waiting]

    def _grade(self, trials: list[Trial]) -> Iterator[Graded]:
        """Each as it is ready; no more are written to the disk than keep the judges busy."""
        left = list(reversed(trials))
        under_way: dict[str, tuple[Trial, Path]] = {}
        while left or under_way:
            while left and len(under_way) < self._engine.capacity:
                trial = left.pop()
                path = self._write(trial)
                under_way[path.parent.name] = (trial, path)
                self._engine.submit(Job(key=path.parent.name, path=path, plan=trial.plan))
            outcome = self._engine.next_outcome(WAIT_S)
            if outcome is None:
                continue  # a judge died and its job is tried again
            trial, path = under_way.pop(outcome.key)
            path.unlink()
            path.parent.rmdir()
            yield _graded(trial, outcome)

    def _write(self, trial: Trial) -> Path:
        self._number += 1
        path = Path(self._folder.name) / str(self._number) / f"{self._module}{trial.suffix}"
        path.parent.mkdir()
        path.write_text(trial.source, encoding="utf-8")
        return path


def _graded(trial: Trial, outcome: Outcome) -> Graded:
    if outcome.report is None:
        return Graded(trial=trial, marks={}, failure=outcome.error or "no reason was given")
    marks = {
        test["id"]: _mark(test)
        for problem in outcome.report["problems"]
        for test in problem["tests"]
    }
    if not marks:
        raise InternalError("A report came back without a test.")
    return Graded(trial=trial, marks=marks)


def _mark(test: dict[str, Any]) -> Mark:
    feedback = test["feedback"] or {}
    words = [feedback.get("message"), feedback.get("exception")]
    return Mark(
        status=test["status"],
        score=test["score"],
        max_score=test["max_score"],
        duration_s=test["duration_s"],
        message=": ".join(word for word in words if word),
        output=test["output"],
    )
