"""Grades an attack by the real `grade_all` on a warm backend, and gathers what came of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.course.manifest import Assignment
from grader.judge.backend import TemplateBackend, open_backend
from grader.judge.plan import Plan
from grader.judge.run import Settings, grade_all
from grader.report.model import Report, TestResult
from grader.report.serialise import to_dict
from grader.sandbox import ALL_LAYERS
from grader.sandbox.policy import NAMESPACE_LAYERS
from grader.submission import Submission, load_submission
from tests.attacks.lab.decoys import Decoys

# Level 2 as an ordinary user has it: workers of the same user as the decoys' owner.
CONFIGURATIONS = {
    "isolated": (3, ALL_LAYERS),
    "confined": (2, ALL_LAYERS - NAMESPACE_LAYERS - {"uid"}),
    "reused": (3, ALL_LAYERS),  # as a batch grades: a worker serves several tests
    "unconfined": (1, frozenset[str]()),
}


@dataclass(frozen=True)
class Job:
    """A submission at `path`, to be graded by `tests` (None: all)."""

    name: str
    path: Path
    tests: tuple[str, ...] | None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One attack graded. `peak_mb` is by how much this process grew, at most, while it graded.

    `left_over` are processes of it, `changed` what is not as it was: (before, after).
    """

    report: Report
    text: str
    peak_mb: float
    seconds: float
    left_over: tuple[int, ...]
    changed: dict[str, Any]

    def test(self, name: str) -> TestResult:
        return next(test for test in self.report.tests if test.id == name)

    @property
    def output(self) -> str:
        """All that is shown of what was printed; of hidden tests that is nothing."""
        return "\n".join(test.output for test in self.report.tests)


class Bench:
    """A warm backend of one configuration; `close` ends it."""

    def __init__(self, assignment: Assignment, configuration: str) -> None:
        self.level, layers = CONFIGURATIONS[configuration]
        self._settings = Settings(
            assignment=assignment,
            layers=layers,
            require_isolation=self.level,
            reuse_workers=configuration == "reused",
        )
        backend = open_backend(self._settings)
        assert isinstance(backend, TemplateBackend)
        self._backend = backend
        self.possible = backend.isolation["level"] >= self.level  # this waits for the start
        self._root_pid = backend._template.process.pid
        self._own = descendants(self._root_pid)

    def grade(self, jobs: Iterable[Job], wall_s: float, decoys: Decoys) -> dict[str, Outcome]:
        """Grade each job's submission in turn, by name, and see what became of the decoys.

        The jobs share one wall-clock limit and one collection of the tests.
        """
        assignment = self._settings.assignment
        assignment = replace(assignment, limits=replace(assignment.limits, wall_s=wall_s))
        planted = decoys.state()
        running: list[tuple[Job, float, float]] = []  # the job, its start, the size then
        outcomes: dict[str, Outcome] = {}

        def submissions() -> Iterator[Submission]:
            for job in jobs:
                submission = load_submission(job.path, assignment.module)
                running.append((job, time.monotonic(), reset_peak_mb()))
                yield submission

        def on_report(_: Submission, report: Report) -> None:
            job, started, size_mb = running[-1]
            seconds = time.monotonic() - started
            grown, left, state = peak_mb() - size_mb, self._left_over(), decoys.state()
            changed = {k: (v, state[k]) for k, v in planted.items() if v != state[k]}
            outcomes[job.name] = Outcome(
                report=report,
                text=json.dumps(to_dict(report), allow_nan=False),
                peak_mb=grown,
                seconds=seconds,
                left_over=left,
                changed=changed,
            )
            if changed:
                decoys.restore()

        grade_all(
            replace(self._settings, assignment=assignment),
            submissions(),
            self._backend,
            on_report,
            plan_of=lambda _: Plan(tests=running[-1][0].tests),
        )
        return outcomes

    def close(self) -> None:
        self._backend.close()

    def _left_over(self) -> tuple[int, ...]:
        """Processes below the template that are not its own, after a moment to bury the dead."""
        deadline = time.monotonic() + 2
        while (left := descendants(self._root_pid) - self._own) and time.monotonic() < deadline:
            time.sleep(0.02)
        return tuple(sorted(left))


def descendants(pid: int) -> set[int]:
    """The processes below `pid`, zombies included."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
    found: set[int] = set()
    new: Iterable[int] = {pid}
    while new := {child for child, parent in parents.items() if parent in new} - found:
        found |= set(new)
    return found


def reset_peak_mb() -> float:
    """Begin to measure this process' peak anew; its size now."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak_mb()


def peak_mb() -> float:
    """The largest this process has been, in MB of memory in use."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
