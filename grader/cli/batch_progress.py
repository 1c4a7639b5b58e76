"""How a batch gets on, on stderr: a bar on a terminal, lines now and then elsewhere; or JSON.

Each submission that could not be graded is named with the reason when it happens and at the end.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

import click

if TYPE_CHECKING:
    from grader.batch.grading import Event, Tally

BAR = 20  # cells
NAMED = 3  # students under way that are named
MOST_NAMED_AT_THE_END = 100
TEST_FAILED = "the test's own code failed"  # the judge's words
WORDS = {"known": "graded before", "error": "not graded"}
_TROUBLE = {"unreadable": "unreadable", "error": "not graded, the grader failed"}


class Watch(Protocol):
    """Is told of each submission that is done, and from time to time that none is."""

    def done(self, event: Event, tally: Tally) -> None: ...

    def tick(self, tally: Tally) -> None: ...


def progress() -> Watch:
    """A bar on a terminal, a line now and then elsewhere."""
    return Bar() if sys.stderr.isatty() else Lines()


class Bar:
    """One line of the terminal, drawn anew at each event and tick."""

    def done(self, event: Event, tally: Tally) -> None:
        if event.how in _TROUBLE:
            sys.stderr.write(f"\r\x1b[K{trouble(event)}\n")
        self.tick(tally)
        if tally.done == tally.total:
            sys.stderr.write("\n")

    def tick(self, tally: Tally) -> None:
        from grader.render.look import choose_glyphs

        glyphs = choose_glyphs(sys.stderr.encoding)
        full = BAR * tally.done // max(tally.total, 1)
        bar = glyphs.full * full + glyphs.empty * (BAR - full)
        width = shutil.get_terminal_size((80, 24)).columns - 1  # a full line would begin another
        sys.stderr.write(f"\r\x1b[K{bar} {status_line(tally, width - BAR - 1)}")
        sys.stderr.flush()


class Lines:
    """For a log: a line every few seconds while submissions get done, fewer while none does."""

    EVERY_S, WAITING_S = 5.0, 30.0

    def __init__(self) -> None:
        self._last = time.monotonic()

    def done(self, event: Event, tally: Tally) -> None:
        if event.how in _TROUBLE:
            click.echo(trouble(event), err=True)
        self._say(tally, 0.0 if tally.done == tally.total else self.EVERY_S)

    def tick(self, tally: Tally) -> None:
        self._say(tally, self.WAITING_S)

    def _say(self, tally: Tally, after_s: float) -> None:
        if time.monotonic() - self._last >= after_s:
            self._last = time.monotonic()
            click.echo(status_line(tally), err=True)


class JsonLines:
    """One JSON object a submission on stdout, for machines."""

    def done(self, event: Event, tally: Tally) -> None:
        line = {
            "student": event.student,
            "how": event.how,
            "score": event.score,
            "max_score": event.max_score,
            "duration_s": event.duration_s,
            "error": event.reason if event.how == "error" else None,
            "reason": event.reason,
            "done": tally.done,
            "total": tally.total,
        }
        click.echo(json.dumps(line))

    def tick(self, tally: Tally) -> None:
        pass


class Troubles:
    """Passes on to another watch and keeps what could not be graded, to be told at the end."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._events: list[Event] = []

    def done(self, event: Event, tally: Tally) -> None:
        if event.how in _TROUBLE:
            self._events.append(event)
        self._watch.done(event, tally)

    def tick(self, tally: Tally) -> None:
        self._watch.tick(tally)

    def lines(self) -> Iterable[str]:
        """Each submission that could not be graded, under what became of it."""
        for how, heading in (
            ("unreadable", "Unreadable, 0 points:"),
            ("error", "Not graded, since the grader failed; run the command again:"),
        ):
            events = [event for event in self._events if event.how == how]
            if events:
                yield heading
            for event in events[:MOST_NAMED_AT_THE_END]:
                yield f"  {event.student}: {event.reason or 'no reason was given'}"
            if len(events) > MOST_NAMED_AT_THE_END:
                yield f"  and {len(events) - MOST_NAMED_AT_THE_END} more"
            if any(TEST_FAILED in (event.reason or "") for event in events):
                yield "  grader check HOMEWORK FILE --reveal says at which line a test failed."


def trouble(event: Event) -> str:
    """ "kim: unreadable: Looked for hw3.py and found nothing that can be graded."."""
    return f"{event.student}: {_TROUBLE[event.how]}: {event.reason or 'no reason was given'}"


def counts_of(tally: Tally) -> str:
    """ "8 graded, 2 unreadable"."""
    counted = ((how, count) for how, count in sorted(tally.counts.items()) if count)
    return ", ".join(f"{count} {WORDS.get(how, how)}" for how, count in counted)


def status_line(tally: Tally, width: int = 1000) -> str:
    """ "10/11  about 1 min left  grading brook (62 s)  9 graded, 1 unreadable", cut to `width`."""
    from grader.render.look import cells, cut

    parts = [f"{tally.done}/{tally.total}"]
    if tally.done < tally.total:
        if tally.left_s is not None:
            parts.append(f"about {length(tally.left_s)} left")
        if tally.under_way:
            named = [student for student, _ in tally.under_way[:NAMED]]
            named[0] += f" ({length(tally.under_way[0][1])})"
            more = len(tally.under_way) - len(named)
            parts.append(f"grading {', '.join(named)}{f' and {more} more' if more > 0 else ''}")
    else:
        parts.append(f"in {length(time.monotonic() - tally.started)}")
    line = "  ".join(parts)
    counts = counts_of(tally)
    if cells(line) + 2 + cells(counts) <= width:
        line = f"{line}  {counts}"
    return cut(line, width, "...")


def length(seconds: float) -> str:
    """A time in its two largest units: 9 s, 62 s, 5 min, 2 h 10 min."""
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    if whole < 7200:
        return f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
