"""Runs pytest over a homework's test files, immune to what lies around in folders.

Own configuration, own root, no conftest, no plugins but ours: nothing of a submission, of the
caller's folder or of their environment changes a verdict.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from grader.course.manifest import TestEntry
from grader.errors import CourseError, GraderError
from grader.judge.feedback import cell_note
from grader.judge.fixtures import Context, make_fixtures
from grader.judge.plugin import Judge, Suite, check_collected, title_from_name
from grader.judge.run import Request
from grader.judge.session import Sessions
from grader.report.model import TestResult

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


def run_suite(
    request: Request,
    entries: Sequence[TestEntry],
    *,
    open_session: Callable[[], Sessions],
    on_result: Callable[[TestResult], None] | None = None,
) -> tuple[dict[str, TestResult], tuple[str, ...]]:
    """Results by test name, and notes on the submission. CourseError for a broken suite."""
    assignment = request.assignment
    suite = new_suite(entries)
    context = Context(
        assignment=assignment,
        seed=request.seed,
        device=request.device,
        data_dir=request.data_dir,
        submission=request.submission,
    )
    judge = Judge(context, suite, on_result, request.reveal)
    opener = _SessionOpener(context, suite, open_session)
    files = [
        str(path)
        for visibility in sorted({entry.visibility for entry in entries})
        for path in assignment.test_files(visibility)
    ]
    try:
        run_pytest(files, [make_fixtures(context), judge, opener])
    finally:
        if context.session is not None:
            context.session.close()
    if opener.failure is not None:
        raise opener.failure
    cell_faults = context.session.cell_faults if context.session is not None else ()
    notes = tuple(cell_note(fault, request.submission) for fault in cell_faults)
    return suite.results, notes


def new_suite(entries: Sequence[TestEntry]) -> Suite:
    """A suite in which no test has run yet."""
    results = {
        entry.name: TestResult(
            id=entry.name,
            problem=entry.problem,
            title=title_from_name(entry.name),
            visibility=entry.visibility,
            max_score=entry.max_score,
        )
        for entry in entries
    }
    return Suite({entry.name: entry for entry in entries}, results, [])


def run_pytest(files: Sequence[str], plugins: Sequence[object]) -> None:
    """pytest in this process over `files`, with these plugins and no other configuration."""
    with tempfile.TemporaryDirectory(prefix="grader-judge-") as folder, _quiet_environment():
        ini = Path(folder) / "pytest.ini"
        ini.write_text("[pytest]\n", encoding="utf-8")
        fixed = ["-c", str(ini), "--rootdir", folder]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            pytest.main([*fixed, *OPTIONS, *files], plugins=list(plugins))


@contextlib.contextmanager
def _quiet_environment() -> Iterator[None]:
    """pytest without the caller's options and plugins."""
    saved = {name: os.environ.pop(name, None) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")}
    before = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        for name, value in {**saved, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": before}.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class _SessionOpener:
    """Opens the session once the tests are collected, or stops before any test runs."""

    def __init__(
        self, context: Context, suite: Suite, open_session: Callable[[], Sessions]
    ) -> None:
        self._context, self._suite, self._open = context, suite, open_session
        self.failure: GraderError | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        wrong = check_collected(self._suite, [item.name for item in session.items])
        try:
            if wrong:
                raise CourseError(
                    f"The tests of {self._context.assignment.id} do not agree with its manifest: "
                    + "; ".join(wrong)[:2000]
                )
            self._context.session = self._open()
        except GraderError as err:
            self.failure = err
            session.items.clear()

    def pytest_internalerror(self, excrepr: object) -> None:
        self.failure = self.failure or CourseError(f"pytest failed: {str(excrepr)[-2000:]}")
