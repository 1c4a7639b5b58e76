"""Bounds the time of a test's own lines, which what a submission gave back can make slow.

One timer for the process, whose signal interrupts the test. It interrupts the judge at nothing
else: while a conversation with the worker is under way, that has the same deadline itself.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from grader.judge.outcomes import TestOverran
from grader.wire.channel import Deadline, DeadlineExceeded

AGAIN_S = 0.25  # between two looks at a deadline that was put off, or while the judge is at work


class Watch:
    """Raises TestOverran in the test's own lines once the deadline of its conversation is over."""

    def __init__(self) -> None:
        self.interrupts = False  # whether the lines that run now are the test's own
        self._ready = False
        self._deadline: Deadline | None = None

    @contextlib.contextmanager
    def ready(self) -> Iterator[None]:
        """For the block, of any number of tests, the timer's signal is ours.

        Not in another thread, nor on Windows: nothing is watched there.
        """
        if not hasattr(signal, "setitimer") or not _in_main_thread():
            yield
            return
        before = signal.signal(signal.SIGALRM, self._look)
        self._ready = True
        try:
            yield
        finally:
            self._ready = False
            signal.signal(signal.SIGALRM, before)

    @contextlib.contextmanager
    def watching(self, deadline: Deadline | None) -> Iterator[None]:
        """For the block, one test's, where the signal is ours and there is a deadline."""
        if deadline is None or not self._ready:
            yield
            return
        self._deadline = deadline
        signal.setitimer(signal.ITIMER_REAL, deadline.left() + AGAIN_S, AGAIN_S)
        self.interrupts = True
        try:
            yield
        finally:
            self.interrupts = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._deadline = None

    def _look(self, _number: int, _frame: FrameType | None) -> None:
        if not self.interrupts or self._deadline is None:
            return
        self.interrupts = False  # until it is known: putting the deadline off asks the template
        try:
            self._deadline.remaining()
        except DeadlineExceeded as err:
            raise TestOverran("the test's own lines took longer than a test may") from err
        self.interrupts = True


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


WATCH = Watch()
