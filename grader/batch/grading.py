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

TICK_S = 0.5


@dataclass(frozen=True, kw_only=True)
class Event:
    """One submission is done: `how` is graded, unreadable or error; or it was done before.

    known: the same was graded already. kept: it has a verdict of another suite, environment or
    seed, which only a regrade replaces, since that says why and what changes. `reason` says why it
    is unreadable, or what failed on our side.
    """

    student: str
    how: str
    score: float | None
    max_score: float | None
    duration_s: float
    reason: str | None = None


@dataclass
class Tally:
    """How a batch stands; `counts` by `Event.how`.

    `under_way` pairs the students whose submissions are being graded with the seconds since that
    began, the longest first.
    """

    total: int
    counts: Counter[str] = field(default_factory=Counter)
    started: float = field(default_factory=time.monotonic)
    under_way: Sequence[tuple[str, float]] = ()
    busy_s: float = 0.0

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
        """Seconds to go at this rate, None before anything is known of it.

        One that has taken longer than usual may well take as long again.
        """
        if not self.graded:
            return None
        left = (self.total - self.done) / self.rate
        longest = self.under_way[0][1] if self.under_way else 0.0
        return max(left, longest) if longest > 2 * self.busy_s / self.graded else left


def grade_class(
    settings: Settings,
    found: Sequence[Found],
    book: Gradebook,
    engine: Engine,
    batch: str,
    on_event: Callable[[Event, Tally], None],
    *,
    on_tick: Callable[[Tally], None] = lambda tally: None,
    regrade: int = 0,
) -> Tally:
    """Grade what has no verdict yet, committing each; stopped anywhere, the next call goes on.

    `on_tick` is called every TICK_S while nothing is done. `regrade` names the staged regrade that
    the verdicts belong to; 0 for those that count.
    """
    tally = Tally(total=len(found))
    under_way: dict[str, _Ticket] = {}

    def look() -> None:
        begun = sorted(engine.under_way().items(), key=lambda item: item[1])
        now = time.monotonic()
        tally.under_way = [
            (under_way[key].key.student, now - since) for key, since in begun if key in under_way
        ]

    def done(event: Event) -> None:
        tally.counts[event.how] += 1
        tally.busy_s += event.duration_s
        look()
        on_event(event, tally)

    waiting = _Waiting(settings, book, deque(found), done, regrade)
    while True:
        while len(under_way) < engine.capacity and (ticket := waiting.next()) is not None:
            under_way[ticket.job.key] = ticket
            engine.submit(ticket.job)
        if not under_way:
            return tally
        outcome = engine.next_outcome(timeout_s=TICK_S)
        if outcome is None:
            look()
            on_tick(tally)
        else:
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
            if found.unreadable is not None:
                raise SubmissionError(found.unreadable)
            assignment = self._settings.assignment
            submission = load_submission(found.path, assignment.module, assignment.folder)
        except SubmissionError as err:
            return None, words_of(err), unreadable_hash(err)
        except Exception as err:  # one that nobody thought of must not stop the others
            refusal = SubmissionError(f"Reading it failed ({type(err).__name__}).")
            return None, words_of(refusal), unreadable_hash(refusal)
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
        reason=_reason(outcome, report),
    )


def _reason(outcome: Outcome, report: dict[str, Any]) -> str | None:
    """Why it is unreadable (its report's first note), or what failed on our side."""
    if outcome.error is not None:
        return outcome.error
    if outcome.unreadable:
        return next(iter(report.get("notes", ())), None)
    for problem in report.get("problems", ()):
        for test in problem["tests"]:
            if test["status"] == "error":
                return f"{test['id']}: {test['feedback']['message']}"
    return None
