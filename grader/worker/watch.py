"""Says where the student's code stands when a test's time is nearly over: in which loop, perhaps.

A timer of this process' own interrupts what runs. It only tells; the judge's deadline is another,
and does not wait for it. Code that is in a library's C function is not interrupted there.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from grader.worker.faults import Place, own_place

FIRST, AGAIN = 0.8, 0.05  # parts of a test's time: processor time may be used up before the other


class Watch:
    """Calls `tell` with [cell, line, function], the innermost of the student's own code."""

    def __init__(self, tell: Callable[[Place], None]) -> None:
        self._tell = tell
        self._limit_s = 0.0
        self._spent_s = 0.0

    @contextlib.contextmanager
    def watching(self, kind: str, payload: list[Any]) -> Iterator[None]:
        """Watch while a request is answered; one that loads the submission begins a test."""
        if kind == "load":
            self._limit_s = payload[0]["limit_s"]
        if not self._limit_s or not hasattr(signal, "setitimer"):
            yield
            return
        if kind in ("load", "reload"):
            self._spent_s = 0.0
            # anew for each test: the last one's code may have put its own in place
            signal.signal(signal.SIGALRM, self._look)
        begun = time.monotonic()
        first = max(FIRST * self._limit_s - self._spent_s, 0.001)
        signal.setitimer(signal.ITIMER_REAL, first, AGAIN * self._limit_s)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._spent_s += time.monotonic() - begun

    def _look(self, _number: int, frame: FrameType | None) -> None:
        place = own_place(frame)
        if place is not None:
            self._tell(place)
