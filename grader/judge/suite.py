"""Runs pytest over a homework's test files, immune to what lies around in folders.

Own configuration, own root, no conftest, no plugins but ours: nothing of a submission, of the
caller's folder or of their environment changes a verdict. The files are collected once, however
many submissions are judged.
"""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.course.manifest import Assignment, TestEntry
from grader.errors import CourseError, GraderError
from grader.judge.answers import AnswersOnce, notes_without_key
from grader.judge.feedback import cell_notes
from grader.judge.fixtures import Context, fixtures_plugin, our_fixtures
from grader.judge.plan import Plan
from grader.judge.plugin import Judge, Suite, check_collected, new_suite
from grader.judge.session import Sessions
from grader.report.model import TestResult
from grader.submission.model import Submission

_NO_PLUGINS = (
    "cacheprovider", "terminal", "logging", "doctest", "junitxml", "pastebin", "faulthandler",
    "unraisableexception", "threadexception", "legacypath", "setuponly", "setupplan", "stepwise",
    "recwarn", "warnings", "debugging", "subtests",
)  # fmt: skip
OPTIONS = [
    "--noconftest",
    "--import-mode=importlib",
    "--assert=plain",
    "--capture=no",
    *(option for name in _NO_PLUGINS for option in ("-p", f"no:{name}")),
]


@dataclass(frozen=True, kw_only=True)
class Run:
    """How a suite is run, the same for every submission.

    `quiz_form` has the form of the quiz answers looked at where no test compares them with the key.
    """

    assignment: Assignment
    entries: Sequence[TestEntry]
    seed: int
    device: str
    data_dir: Path | None
    reveal: bool = False
    quiz_form: bool = False


@dataclass(frozen=True)
class Judged:
    """What the tests found of one submission: results by test name, and notes."""

    results: dict[str, TestResult]
    notes: tuple[str, ...]


def run_suite(
    run: Run,
    submissions: Iterable[Submission],
    *,
    open_session: Callable[[Submission, int], Sessions],
    on_judged: Callable[[Submission, Judged], None],
    on_start: Callable[[TestResult], None] | None = None,
    plan_of: Callable[[Submission], Plan] | None = None,
) -> None:
    """Judge each submission in turn. CourseError where the suite itself is broken.

    `open_session` is given the submission and its seed.
    """
    context = Context(
        assignment=run.assignment, seed=run.seed, device=run.device, data_dir=run.data_dir
    )
    suite = new_suite(run.entries)
    fixtures = our_fixtures(context)
    judge = Judge(context, suite, fixtures, on_start, run.reveal)

    def judge_all(tests: Sequence[pytest.Item]) -> None:
        # what public tests print is shown, so none runs while or after a worker holds hidden
        # inputs: two workers that find a way past the sandbox could not bring them out
        in_order = sorted(tests, key=lambda test: _is_hidden(run, test))
        for submission in submissions:
            judge.reset()
            plan = plan_of(submission) if plan_of is not None else Plan()
            context.seed = run.seed if plan.seed is None else plan.seed
            context.submission = submission
            context.session = session = open_session(submission, context.seed)
            context.answers = answers = AnswersOnce(submission, session)
            try:
                judge.run(_planned(in_order, plan), stop_at_loss=plan.stop_at_loss)
                quiz = _quiz_notes(run, answers, submission, session)
            finally:
                session.close()
            notes = cell_notes(session.cell_faults, submission, run.assignment)
            remarks = tuple(judge.remarks.values())
            on_judged(submission, Judged(dict(suite.results), notes + quiz + remarks))

    if not run.entries:
        judge_all(())  # pytest without files would look for some in the folder that we are in
        return
    loop = _Loop(suite, run.assignment.id, judge_all)
    visibilities = sorted({entry.visibility for entry in run.entries})
    files = [str(f) for v in visibilities for f in run.assignment.test_files(v)]
    _run_pytest(files, [fixtures_plugin(fixtures), judge, loop])
    if loop.failure is not None:
        raise loop.failure


def _quiz_notes(
    run: Run, answers: AnswersOnce, submission: Submission, session: Sessions
) -> tuple[str, ...]:
    if run.quiz_form:
        return notes_without_key(run.assignment, submission, session)
    return tuple(f"quiz: {remark}" for remark in answers.remarks)


def _is_hidden(run: Run, item: pytest.Item) -> bool:
    return next(entry for entry in run.entries if entry.name == item.name).visibility == "hidden"


def _planned(tests: Sequence[pytest.Item], plan: Plan) -> Sequence[pytest.Item]:
    if plan.tests is None:
        return tests
    by_name = {item.name: item for item in tests}
    return [by_name[name] for name in plan.tests if name in by_name]


def _run_pytest(files: Sequence[str], plugins: Sequence[object]) -> None:
    """pytest in this process over `files`, with these plugins and no other configuration."""
    with _folder() as folder, _quiet_environment():
        ini = folder / "pytest.ini"
        ini.write_text("[pytest]\n", encoding="utf-8")
        fixed = ["-c", str(ini), "--rootdir", str(folder)]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            pytest.main([*fixed, *OPTIONS, *files], plugins=list(plugins))


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A temporary folder, removed at the end, and also where a signal ends us as it is made.

    `tempfile` does not yet know then that there is one to remove.
    """
    folder = Path(tempfile.gettempdir(), f"grader-judge-{secrets.token_hex(8)}")
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _quiet_environment() -> Iterator[None]:
    """pytest without the caller's options and plugins."""
    ours = {
        "PYTEST_ADDOPTS": None,
        "PYTEST_PLUGINS": None,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_CURRENT_TEST": None,
    }
    saved = {name: os.environ.get(name) for name in ours}
    _set_environment(ours)
    try:
        yield
    finally:
        _set_environment(saved)


def _set_environment(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


class _Loop:
    """Stands in for pytest's loop over the tests: once the files are collected, judge with them."""

    def __init__(
        self, suite: Suite, homework: str, judge_all: Callable[[Sequence[pytest.Item]], None]
    ) -> None:
        self._suite, self._homework, self._judge_all = suite, homework, judge_all
        self.failure: BaseException | None = CourseError(f"pytest could not collect {homework}.")

    def pytest_configure(self, config: pytest.Config) -> None:
        config.option.tbstyle = "value"  # nobody reads pytest's own words on a failure

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        wrong = check_collected(self._suite, [item.name for item in session.items])
        if wrong:
            details = "; ".join(wrong)[:2000]
            self.failure = CourseError(
                f"The tests of {self._homework} do not agree with its manifest: {details}"
            )
            return True
        self.failure = None
        try:
            self._judge_all(session.items)
        except (GraderError, KeyboardInterrupt) as err:
            self.failure = err
        return True

    def pytest_internalerror(self, excrepr: object) -> None:
        self.failure = CourseError(f"pytest failed: {str(excrepr)[-2000:]}")
