"""The pytest plugin that runs the tests one by one and makes a record of each.

A test without a record stays `not_run` and scores nothing.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest

from grader.course.manifest import TestEntry
from grader.judge.answers import read_ahead
from grader.judge.feedback import describe_outcome, output_shown
from grader.judge.fixtures import Context
from grader.judge.outcomes import LoadFault, WorkerBroken
from grader.judge.overrun import WATCH
from grader.judge.plain import PlainTest, plain_test
from grader.judge.unusable import is_ours, remark_on, unusable
from grader.judge.where import line_of_test
from grader.report.model import Feedback, Status, TestResult
from grader.testing import Points, revealing_expected
from grader.text import safe_text
from grader.wire.channel import Deadline

CENT = Decimal("0.01")
CALL, SETUP = "call", "setup"
HIDDEN_STEP_S = 0.5
TIME_USED_UP = "not run: the time for the whole submission was used up"


@dataclass
class Suite:
    """The tests to run, as the manifest names them, and what pytest found of them."""

    entries: dict[str, TestEntry]
    results: dict[str, TestResult]
    problems: list[str]


class Judge:
    """Keeps `suite.results` while pytest runs the tests of one submission."""

    def __init__(
        self,
        context: Context,
        suite: Suite,
        fixtures: Mapping[str, Callable[[], Any]],
        on_start: Callable[[TestResult], None] | None = None,
        reveal: bool = False,
    ) -> None:
        self.context = context
        self.suite = suite
        self._fixtures = fixtures
        self._plain: dict[pytest.Item, PlainTest] = {}
        self._on_start = on_start
        self._reveal = reveal
        self._started = 0.0
        self._hidden_ran = False
        self._repeated_timeout = False
        self._put_off_s = 0.0  # of this submission's tests, for how long their clocks stood still
        self.remarks: dict[str, str] = {}  # for the instructor, by test

    def reset(self) -> None:
        """Forget the last submission: no test of the next one has run."""
        self.context.points.clear()
        self.remarks.clear()
        self._repeated_timeout = self._hidden_ran = False
        for name, result in self.suite.results.items():
            self.suite.results[name] = not_run(self.suite.entries[name], result.title)

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep the manifest's tests in its order; a test it does not name is its author's error."""
        found = {item.name: item for item in items}
        order = list(self.suite.entries)
        items[:] = [found[name] for name in order if name in found]
        for name, item in found.items():
            if (plain := plain_test(item, self._fixtures)) is not None:
                self._plain[item] = plain
            if name in order:
                self.suite.results[name] = replace(
                    self.suite.results[name], title=title_of(item, name)
                )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.suite.problems.append(f"{report.nodeid}: {report.longreprtext}")

    def run(self, items: Sequence[pytest.Item], *, stop_at_loss: bool = False) -> None:
        """Run the tests on the submission at hand, each with a worker of its own."""
        begun, self._put_off_s = time.monotonic(), 0.0
        try:
            with WATCH.ready():
                self._run_all(items, begun, stop_at_loss=stop_at_loss)
        finally:
            if items:  # what the last test needed, if others were to follow that have not run
                items[0].session._setupstate.teardown_exact(None)

    def _run_all(self, items: Sequence[pytest.Item], begun: float, *, stop_at_loss: bool) -> None:
        if self.context.answers is not None and any(map(reads_quiz, items)):
            read_ahead(self.context.assignment, self.context.answers)
        for i, item in enumerate(items):
            public = self.suite.entries[item.name].visibility == "public"
            self._started = time.monotonic()
            if self._started - begun - self._put_off_s > self.context.assignment.submission_s:
                self._record(item.name, Status.NOT_RUN, Feedback(message=TIME_USED_UP))
                continue
            if i > 0 and self._cannot_load():  # the first test tells
                self._record(item.name, Status.NOT_RUN, _not_loaded())
                continue
            if self._on_start is not None:
                self._on_start(self.suite.results[item.name])
            self._forget_hidden_tests(item.name)
            # with no item named as the next one, pytest takes down all it has set up
            following = None if stop_at_loss else self._next_by_pytest(items[i + 1 :])
            with revealing_expected(public):
                self._run_one(item, following)
                if not reads_quiz(item) and self._must_be_repeated(item.name):
                    self._run_one(item, following)
            if stop_at_loss and loses_points(self.suite.results[item.name]):
                return

    def _next_by_pytest(self, items: Sequence[pytest.Item]) -> pytest.Item | None:
        return next((item for item in items if item not in self._plain), None)

    def _run_one(self, item: pytest.Item, following: pytest.Item | None) -> None:
        """One test, and the record of how it ended.

        pytest's own protocol makes reports of each phase besides, which nobody reads here and
        which take longer than most tests.
        """
        self.context.test = item.name
        self.context.hidden = self.suite.entries[item.name].visibility == "hidden"
        self.context.points.pop(item.name, None)
        self.remarks.pop(item.name, None)
        if self.context.session is not None and not self._cannot_load():
            self.context.session.forget()
        try:
            test = self._set_up(item)
            with WATCH.watching(self._deadline()):
                test()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as err:
            self._record_error(item.name, err)
        else:
            self._record_pass(item.name)
        finally:
            if item not in self._plain:
                after = None if self._cannot_load() else following
                item.ihook.pytest_runtest_teardown(item=item, nextitem=after)
            if (session := self.context.session) is not None:
                self._put_off_s += session.conversation.put_off_s if session.conversation else 0.0
                session.end()

    def _set_up(self, item: pytest.Item) -> Callable[[], Any]:
        """What runs the test itself, once all is there that it asks for."""
        session = self.context.session
        if session is not None and session.load_failure is not None:  # as the quiz was read
            raise session.load_failure
        if item in self._plain:
            return self._plain[item].set_up()
        if isinstance(item, pytest.Function):
            item._initrequest()  # anew, since a test is run for many submissions
        item.ihook.pytest_runtest_setup(item=item)
        return functools.partial(item.ihook.pytest_runtest_call, item=item)

    def _deadline(self) -> Deadline | None:
        session = self.context.session
        talk = session.conversation if session is not None else None
        return None if talk is None else talk.deadline

    def _forget_hidden_tests(self, name: str) -> None:
        """What a public test prints is shown: its worker has not served a hidden test before."""
        session = self.context.session
        if session is not None and self.suite.entries[name].visibility == "public":
            if self._hidden_ran:
                session.discard()
            self._hidden_ran = False
        else:
            self._hidden_ran = True

    def _must_be_repeated(self, name: str) -> bool:
        """Points are lost in a fresh worker only: another test may have spoilt this one's.

        Of a submission's timeouts one is repeated: more would cost as much time again.
        """
        session, result = self.context.session, self.suite.results[name]
        if session is None or not session.reused or not loses_points(result):
            return False
        session.discard()
        if result.status is Status.TIMEOUT:
            first, self._repeated_timeout = not self._repeated_timeout, True
            return first
        return True

    def _cannot_load(self) -> bool:
        session = self.context.session
        return session is not None and session.load_failure is not None

    def _record_pass(self, name: str) -> None:
        points = self.context.points.get(name)
        feedback = None
        if points is not None and points.awards:
            feedback = Feedback(message="; ".join(award.why for award in points.awards))
        full = points is None or points.fraction >= 1
        self._record(name, Status.PASSED, None if full else feedback, points)

    def _record_error(self, name: str, error: BaseException) -> None:
        session, submission = self.context.session, self.context.submission
        assert submission is not None
        conversation = session.conversation if session is not None else None
        called = conversation.called if conversation is not None else None
        hidden = self.suite.entries[name].visibility == "hidden" and not self._reveal
        if isinstance(error, LoadFault):
            called = None
        outcome = describe_outcome(
            error, submission, self.context.assignment, hidden=hidden, called=called
        )
        if outcome is not None:
            self._record(name, *outcome)
        elif conversation is not None and conversation.answered and not is_ours(error):
            self.remarks[name] = remark_on(name, error, hidden=hidden)
            self._record(name, Status.FAILED, unusable(error, called, hidden=hidden))
        else:
            whose = "the sandbox" if isinstance(error, WorkerBroken) else "the test's own code"
            where = line_of_test(error) if self._reveal else ""
            at = f" at {where}" if where else ""
            text = safe_text(f"{whose} failed{at}: {type(error).__name__}: {error}", 1000)
            self._record(name, Status.ERROR, Feedback(message=text))

    def _record(
        self,
        name: str,
        status: Status,
        feedback: Feedback | None,
        points: Points | None = None,
    ) -> None:
        entry = self.suite.entries[name]
        conversation = self.context.session.conversation if self.context.session else None
        hidden = entry.visibility == "hidden" and not self._reveal
        output = conversation.output if conversation and status is not Status.NOT_RUN else ""
        result = replace(
            self.suite.results[name],
            status=status,
            score=earned(entry.max_score, points) if status is Status.PASSED else Decimal(0),
            feedback=feedback,
            output=output_shown(output, hidden=hidden),
            duration_s=shown_s(time.monotonic() - self._started, hidden=hidden),
        )
        self.suite.results[name] = result


def shown_s(seconds: float, *, hidden: bool) -> float:
    """A test's duration; a hidden one's roughly, since a submission can sleep for an input."""
    return round(seconds / HIDDEN_STEP_S) * HIDDEN_STEP_S if hidden else round(seconds, 4)


def new_suite(entries: Sequence[TestEntry]) -> Suite:
    """A suite in which no test has run yet."""
    results = {entry.name: not_run(entry, title_from_name(entry.name)) for entry in entries}
    return Suite({entry.name: entry for entry in entries}, results, [])


def reads_quiz(item: pytest.Item) -> bool:
    """Whether a test is of the quiz: its answers are read once, and it is never repeated."""
    return "quiz" in getattr(item, "fixturenames", ())


def not_run(entry: TestEntry, title: str) -> TestResult:
    """The record that every test begins with."""
    return TestResult(
        id=entry.name,
        problem=entry.problem,
        title=title,
        visibility=entry.visibility,
        max_score=entry.max_score,
    )


def loses_points(result: TestResult) -> bool:
    """Whether a test did not give all its points."""
    return result.status is not Status.PASSED or result.score < result.max_score


def _not_loaded() -> Feedback:
    return Feedback(message="not run, since your file could not be loaded")


def earned(max_score: Decimal, points: Points | None) -> Decimal:
    """The points of a test that passed, exact to the cent."""
    if points is None:
        return max_score
    fraction = Decimal(str(round(points.fraction, 6)))
    return (max_score * fraction).quantize(CENT, rounding=ROUND_HALF_EVEN)


def title_of(item: pytest.Item, name: str) -> str:
    """The first line of a test's docstring, else its name in words."""
    doc = getattr(getattr(item, "function", None), "__doc__", None)
    return doc.strip().splitlines()[0].strip() if doc else title_from_name(name)


def title_from_name(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")


def check_collected(suite: Suite, found: Sequence[str]) -> list[str]:
    """What differs between the manifest's tests and those that the files hold."""
    missing = [f"no test file holds {name}" for name in suite.entries if name not in found]
    return [*suite.problems, *missing]
