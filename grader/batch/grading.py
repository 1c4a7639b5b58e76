"""A class is graded: what is graded already is skipped, every result is committed when it is made.

Knows the engine and the gradebook by what they do, not what they are; prints nothing.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from grader.batch.jobs import Engine, Job, Outcome
from grader.discover.model import Found
from grader.errors import SubmissionError
from grader.gradebook.book import Gradebook
from grader.gradebook.model import Handed, Key, Result
from grader.judge.environment import environment, environment_hash
from grader.judge.run import Settings, selected_entries, suite_hash, unreadable_hash, words_of
from grader.submission import load_submission
from grader.submission.model import Submission


@dataclass(frozen=True, kw_only=True)
class Event:
    """One submission is done: `how` is graded, unreadable or error; or it was done before.

    known: the same was graded already. kept: it has a verdict of another suite, environment or
    seed, which only a regrade replaces, since that says why and what changes.
    """

    student: str
    how: str
    score: float | None
    max_score: float | None
    duration_s: float
    error: str | None = None


@dataclass
class Tally:
    """How a batch stands; `counts` by `Event.how`."""

    total: int
    counts: Counter[str] = field(default_factory=Counter)
    started: float = field(default_factory=time.monotonic)

    @property
    def done(self) -> int:
        return sum(self.counts.values())

    @property
    def graded(self) -> int:
        """Done by this run: what was known already took no time."""
        return self.done - self.counts["known"] - self.counts["kept"]

    @property
    def rate(self) -> float:
        """Submissions a second, of those graded by this run."""
        return self.graded / max(time.monotonic() - self.started, 1e-9)

    @property
    def left_s(self) -> float | None:
        """Seconds to go at this rate, None before anything is known of it."""
        return (self.total - self.done) / self.rate if self.graded else None


def grade_class(
    settings: Settings,
    found: Sequence[Found],
    book: Gradebook,
    engine: Engine,
    batch: str,
    on_event: Callable[[Event, Tally], None],
    *,
    regrade: int = 0,
) -> Tally:
    """Grade what has no verdict yet, committing each; stopped anywhere, the next call goes on.

    `regrade` names the staged regrade that the verdicts belong to; 0 for those that count.
    """
    tally = Tally(total=len(found))

    def done(event: Event) -> None:
        tally.counts[event.how] += 1
        on_event(event, tally)

    waiting = _Waiting(settings, book, deque(found), done, regrade)
    under_way: dict[str, _Ticket] = {}
    while True:
        while len(under_way) < engine.capacity and (ticket := waiting.next()) is not None:
            under_way[ticket.job.key] = ticket
            engine.submit(ticket.job)
        if not under_way:
            return tally
        outcome = engine.next_outcome(timeout_s=1.0)
        if outcome is not None:
            ticket = under_way.pop(outcome.key)
            done(_record(book, ticket, outcome, batch, regrade))


@dataclass(frozen=True)
class _Ticket:
    job: Job
    key: Key
    handed: Handed


class _Waiting:
    """The submissions that still need a verdict, read one at a time: memory stays flat."""

    def __init__(
        self,
        settings: Settings,
        book: Gradebook,
        found: deque[Found],
        done: Callable[[Event], None],
        regrade: int,
    ) -> None:
        self._settings, self._book, self._found, self._done = settings, book, found, done
        homework = settings.assignment
        entries, _ = selected_entries(settings)
        self._suite = suite_hash(homework, entries)
        self._environment = environment_hash(
            environment(homework, settings.device, settings.data_dir)
        )
        self._known = set(book.graded_keys(homework.id, regrade=regrade))
        # a regrade is there to grade such again
        self._kept = set() if regrade else {_content(key) for key in self._known}
        self._number = 0

    def next(self) -> _Ticket | None:
        for ticket in self._tickets():
            known = ticket.key in self._known
            if not known and _content(ticket.key) not in self._kept:
                self._known.add(ticket.key)
                return ticket
            self._book.notice(ticket.key, ticket.handed)
            self._done(_done_before(ticket, "known" if known else "kept"))
        return None

    def _tickets(self) -> Iterator[_Ticket]:
        while self._found:
            found = self._found.popleft()
            self._number += 1
            submission, unreadable, content = self._read(found)
            key = Key(
                homework=self._settings.assignment.id,
                student=found.student_key,
                submission_hash=content,
                suite_hash=self._suite,
                environment_hash=self._environment,
                seed=self._settings.seed,
            )
            job = Job(
                key=str(self._number),
                path=found.path,
                submission=submission,
                unreadable=unreadable,
            )
            yield _Ticket(job, key, handed_of(found))

    def _read(self, found: Found) -> tuple[Submission | None, str | None, str]:
        """The submission or why there is none, and the hash that stands for either."""
        try:
            submission = load_submission(found.path, self._settings.assignment.module)
        except SubmissionError as err:
            return None, words_of(err), unreadable_hash(err)
        return replace(submission, name=found.student_key), None, submission.sha256


def handed_of(found: Found) -> Handed:
    """When and how a submission was handed in, as its layout says."""
    return Handed(
        submitted_at=found.submitted_at,
        time_from=found.time_from,
        marked_late=found.marked_late,
        source=found.source,
        layout=found.layout,
        commit=found.commit,
    )


def _content(key: Key) -> tuple[str, str]:
    """Whose submission, and which: whatever it was graded by."""
    return key.student, key.submission_hash


def _done_before(ticket: _Ticket, how: str) -> Event:
    return Event(student=ticket.key.student, how=how, score=None, max_score=None, duration_s=0.0)


def _record(book: Gradebook, ticket: _Ticket, outcome: Outcome, batch: str, regrade: int) -> Event:
    result = Result(
        key=ticket.key,
        report=outcome.report,
        handed=ticket.handed,
        error=outcome.error,
        unreadable=outcome.unreadable,
        batch=batch,
        duration_s=outcome.duration_s,
    )
    book.record(result, regrade=regrade)
    report: dict[str, Any] = outcome.report or {}
    return Event(
        student=ticket.key.student,
        how=result.status.value,
        score=report.get("score"),
        max_score=report.get("max_score"),
        duration_s=outcome.duration_s,
        error=outcome.error or _first_error(report),
    )


def _first_error(report: dict[str, Any]) -> str | None:
    for problem in report.get("problems", ()):
        for test in problem["tests"]:
            if test["status"] == "error":
                return f"{test['id']}: {test['feedback']['message']}"
    return None
