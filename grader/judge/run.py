"""Grades one submission: sets the sandbox up, runs pytest over the suite, makes the report.

Light to import: the template process starts before numpy and pytest are imported here, so that
both sides of the wire import at the same time.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.course.manifest import ASSIGNMENT_FILE, Assignment, TestEntry
from grader.errors import InternalError, SubmissionError, UsageError
from grader.judge.environment import environment, environment_hash
from grader.report.model import ProblemResult, Report, TestResult
from grader.submission.model import Submission
from grader.text import safe_text

if TYPE_CHECKING:
    from grader.judge.backend import Backend
    from grader.judge.debug import DebugBackend
    from grader.judge.plan import Plan
    from grader.judge.session import Sessions

HIDDEN_NEEDS_LEVEL = 2
PUBLIC_NEEDS_LEVEL = 0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to grade, the same for every submission.

    `tests` is "public", "hidden" or "all"; `problems` empty means all. `reuse_workers` lets a
    worker serve the next test as long as nothing goes wrong: for a class, where forks cost most.
    `private` are folders and files that no worker may read, beside the course: where submissions
    and grades lie. `layers` names the layers of the sandbox to use, for tests of the sandbox; None
    means all.
    """

    assignment: Assignment
    tests: str = "all"
    problems: tuple[str, ...] = ()
    seed: int = 0
    device: str = "cpu"
    require_isolation: int | None = None
    reveal: bool = False
    data_dir: Path | None = None
    private: tuple[Path, ...] = ()
    debug: bool = False
    layers: frozenset[str] | None = None
    reuse_workers: bool = False


def selected_entries(settings: Settings) -> tuple[tuple[TestEntry, ...], dict[str, Decimal]]:
    """The tests to run, and the points by problem of those that are not here or not asked for.

    UsageError where there is nothing to run and no form of a quiz to look at.
    """
    assignment = settings.assignment
    known = {problem.id for problem in assignment.problems}
    for name in settings.problems:
        if name not in known:
            raise UsageError(
                f"{assignment.id} has no problem {name!r}.",
                hint=f"It has: {', '.join(sorted(known))}.",
            )
    wanted = ("public", "hidden") if settings.tests == "all" else (settings.tests,)
    present = {v for v in wanted if assignment.test_files(v)}
    if not present:
        raise UsageError(
            f"The {settings.tests} tests of {assignment.id} are not in this checkout.",
            hint="Hidden tests lie in the course's reference folder, which instructors have.",
        )
    problems = [
        p for p in assignment.problems if not settings.problems or p.id in settings.problems
    ]
    chosen = tuple(t for problem in problems for t in problem.tests if t.visibility in present)
    others = {
        problem.id: sum((t.max_score for t in problem.tests if t not in chosen), Decimal(0))
        for problem in problems
    }
    if not chosen and not _quiz_form(settings, chosen):
        names = ", ".join(problem.id for problem in problems)
        points = sum(others.values(), Decimal(0))
        kind = "hidden" if "public" in present else "public"
        raise UsageError(
            f"There is no {' or '.join(sorted(present))} test of {names}.",
            hint=f"The {points.normalize():f} points are in {kind} tests, which are not run here.",
        )
    return chosen, others


def _quiz_form(settings: Settings, entries: Sequence[TestEntry]) -> bool:
    """Whether the quiz is asked for and no test of it is run: its form is then looked at."""
    assignment = settings.assignment
    tested = {entry.problem for entry in entries}
    return assignment.quiz_file is not None and any(
        problem.is_quiz and problem.id not in tested
        for problem in assignment.problems
        if not settings.problems or problem.id in settings.problems
    )


def required_level(settings: Settings, entries: Sequence[TestEntry]) -> int:
    """The isolation level below which nothing is run: hidden tests demand more."""
    if settings.require_isolation is not None:
        return settings.require_isolation
    hidden = any(entry.visibility == "hidden" for entry in entries)
    return HIDDEN_NEEDS_LEVEL if hidden else PUBLIC_NEEDS_LEVEL


def check_level(isolation: dict[str, Any], needed: int) -> None:
    """Fail closed where the sandbox proved less than is needed."""
    level = isolation["level"]
    if level < needed:
        missing = "; ".join(isolation.get("missing", ())) or "see grader doctor"
        raise InternalError(
            f"Isolation level {needed} is required, and this machine gives level {level}: "
            "the submission could read the hidden tests. Nothing was run.",
            hint=f"What is missing: {missing}. --tests public runs what needs no isolation.",
        )


def grade(
    settings: Settings,
    submission: Submission,
    on_start: Callable[[TestResult], None] | None = None,
) -> Report:
    """Run the suite on one submission and give the report; GraderError where that cannot be.

    `on_start` is told each test before it runs.
    """
    from grader.judge.backend import open_backend

    reports: list[Report] = []
    started = time.monotonic()
    with contextlib.closing(open_backend(settings, [submission])) as backend:
        grade_all(settings, [submission], backend, lambda _, r: reports.append(r), on_start)
    return replace(reports[0], duration_s=round(time.monotonic() - started, 3))


def grade_all(
    settings: Settings,
    submissions: Iterable[Submission],
    backend: Backend | DebugBackend,
    on_report: Callable[[Submission, Report], None],
    on_start: Callable[[TestResult], None] | None = None,
    plan_of: Callable[[Submission], Plan] | None = None,
) -> None:
    """Grade one submission after the other in this process, by one backend and one collection.

    `plan_of` is asked once for each submission, where some are graded otherwise than `settings`.
    """
    from grader.judge.suite import Judged, Run, run_suite

    entries, elsewhere = selected_entries(settings)
    needed = required_level(settings, entries)
    frame = _Frame(settings, suite_hash(settings.assignment, entries), elsewhere, backend)

    def open_session(submission: Submission, seed: int) -> Sessions:
        check_level(backend.isolation, needed)
        frame.restart(seed)
        return _session(replace(settings, seed=seed), backend, submission)

    def on_judged(submission: Submission, judged: Judged) -> None:
        on_report(submission, frame.report(submission, judged.results, judged.notes))

    run = Run(
        assignment=settings.assignment,
        entries=entries,
        seed=settings.seed,
        device=settings.device,
        data_dir=settings.data_dir,
        reveal=settings.reveal,
        quiz_form=_quiz_form(settings, entries),
    )
    run_suite(
        run,
        submissions,
        open_session=open_session,
        on_judged=on_judged,
        on_start=on_start,
        plan_of=plan_of,
    )


def ungraded(
    settings: Settings, name: str, error: SubmissionError, backend: Backend | DebugBackend
) -> Report:
    """The report of a submission that could not even be read: every test `not_run`, 0 points."""
    from grader.judge.plugin import new_suite

    entries, elsewhere = selected_entries(settings)
    words = words_of(error)
    unread = Submission(
        name=name,
        path=Path(name),
        kind="unreadable",
        source_name="",
        cells=(),
        notes=(safe_text(words, 500),),
        sha256=unreadable_hash(error),
    )
    frame = _Frame(settings, suite_hash(settings.assignment, entries), elsewhere, backend)
    return frame.report(unread, new_suite(entries).results, ())


def words_of(error: SubmissionError) -> str:
    """The error and its remedy in one text."""
    return f"{error.message} {error.hint}" if error.hint else error.message


def unreadable_hash(error: SubmissionError) -> str:
    """Stands for the content of a submission that could not be read."""
    return hashlib.sha256(b"unreadable\n" + words_of(error).encode("utf-8", "replace")).hexdigest()


class _Frame:
    """What a report holds beside its results; its clock starts anew for each submission."""

    def __init__(
        self,
        settings: Settings,
        suite: str,
        elsewhere: dict[str, Decimal],
        backend: Backend | DebugBackend,
    ) -> None:
        self._settings, self._suite, self._elsewhere = settings, suite, elsewhere
        self._backend = backend
        self.restart(settings.seed)

    def restart(self, seed: int) -> None:
        self._seed = seed
        self._started_at, self._started = datetime.now(UTC), time.monotonic()

    def report(
        self, submission: Submission, results: dict[str, TestResult], notes: tuple[str, ...]
    ) -> Report:
        settings = self._settings
        found = environment(settings.assignment, settings.device, settings.data_dir)
        return Report(
            assignment=settings.assignment.id,
            title=settings.assignment.title,
            submission=safe_text(submission.name, 200),
            problems=group_by_problem(settings.assignment, results, self._elsewhere),
            isolation=self._backend.isolation,
            seed=self._seed,
            device=settings.device,
            hashes={
                "submission": submission.sha256,
                "suite": self._suite,
                "environment": environment_hash(found),
            },
            versions=found | self._backend.gpu,
            file=submission.shown_file(submission.path.name),
            notes=(*submission.notes, *notes),
            elsewhere=sum(self._elsewhere.values(), Decimal(0)),
            started_at=self._started_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            duration_s=round(time.monotonic() - self._started, 3),
        )


def _session(
    settings: Settings, backend: Backend | DebugBackend, submission: Submission
) -> Sessions:
    assignment = settings.assignment
    from grader.judge.backend import Backend
    from grader.judge.session import Session

    if not isinstance(backend, Backend):
        from grader.judge.debug import DebugSession

        return DebugSession(submission, assignment.module, settings.seed, backend.terminal)
    return Session(
        backend.spawn,
        submission,
        assignment.module,
        assignment.limits,
        settings.seed,
        reuse=settings.reuse_workers,
    )


def group_by_problem(
    assignment: Assignment, results: dict[str, TestResult], elsewhere: dict[str, Decimal]
) -> tuple[ProblemResult, ...]:
    """The results under their problems, in the manifest's order, with the points `elsewhere`.

    Problems that were not asked for are left out.
    """
    grouped = []
    for problem in assignment.problems:
        tests = tuple(results[test.name] for test in problem.tests if test.name in results)
        others = elsewhere.get(problem.id, Decimal(0))
        if tests or others:
            grouped.append(
                ProblemResult(id=problem.id, title=problem.title, tests=tests, elsewhere=others)
            )
    return tuple(grouped)


def suite_hash(assignment: Assignment, entries: Sequence[TestEntry]) -> str:
    """Changes whenever a test, a point, a limit or a key that can change a score does."""
    digest = hashlib.sha256(b"suite 1\n")
    files = [assignment.folder / ASSIGNMENT_FILE]
    for visibility in sorted({entry.visibility for entry in entries}):
        files += assignment.test_files(visibility)
    files += [path for path in (assignment.quiz_file, assignment.key_file) if path is not None]
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    digest.update(" ".join(entry.name for entry in entries).encode())
    digest.update(str(assignment.course_seed).encode())
    return digest.hexdigest()
