"""The engine of one machine: a few judge processes, each busy with one submission at a time.

A judge that dies is replaced and its submission tried once more; then it becomes a record of
the failure, and the batch goes on.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING

from grader.batch.jobs import Job, Outcome
from grader.batch.places import Place, places_for
from grader.batch.slot import grade_jobs, warm_up
from grader.judge.run import Settings

if TYPE_CHECKING:
    from multiprocessing.context import ForkContext, SpawnContext

TRIES = 2
JOBS_PER_JUDGE = 500  # then it is replaced: whatever it leaks stays bounded


@dataclass
class _Judge:
    process: BaseProcess
    connection: Connection
    place: Place
    job: Job | None = None
    since: float = 0.0
    jobs_done: int = 0


@dataclass
class LocalEngine:
    """Grades on this machine with `judges` processes; by default one a core, or one a GPU."""

    settings: Settings
    judges: int = 0
    _queue: deque[Job] = field(default_factory=deque)
    _tries: dict[str, int] = field(default_factory=dict)
    _running: list[_Judge] = field(default_factory=list)
    _leaving: list[_Judge] = field(default_factory=list)
    _free: list[Place] = field(init=False)
    _forks: bool = field(init=False)

    def __post_init__(self) -> None:
        self._forks = sys.platform == "linux"
        self._context: ForkContext | SpawnContext
        if self._forks:
            warm_up()
            self._context = multiprocessing.get_context("fork")
        else:
            self._context = multiprocessing.get_context("spawn")
        self._free = places_for(self.settings.device, self.judges)
        self.judges = len(self._free)

    @property
    def capacity(self) -> int:
        """How many jobs keep every judge busy, one waiting for each."""
        return 2 * self.judges

    def submit(self, job: Job) -> None:
        self._queue.append(job)
        self._assign()

    def next_outcome(self, timeout_s: float | None = None) -> Outcome | None:
        """The next outcome; None where `timeout_s` passed or nothing is under way."""
        self._assign()
        busy = {judge.connection: judge for judge in self._running if judge.job is not None}
        for ready in wait(list(busy), timeout_s) if busy else []:
            assert isinstance(ready, Connection)
            return self._take(busy[ready])
        return None

    def under_way(self) -> dict[str, float]:
        """The keys of the jobs being graded now, and `time.monotonic()` when each was begun."""
        return {judge.job.key: judge.since for judge in self._running if judge.job is not None}

    def close(self) -> None:
        for judge in self._running:
            if judge.job is None:
                self._dismiss(judge)  # it ends its template and removes its files
            else:
                judge.process.terminate()
            judge.connection.close()
        for judge in (*self._running, *self._leaving):
            judge.process.join(5)
            if judge.process.is_alive():
                judge.process.kill()
                judge.process.join()
        self._running.clear()
        self._leaving.clear()

    def _assign(self) -> None:
        while self._queue:
            judge = next((judge for judge in self._running if judge.job is None), None)
            if judge is None and self._free:
                judge = self._start()
            if judge is None:
                return
            judge.job, judge.since = self._queue.popleft(), time.monotonic()
            self._tries[judge.job.key] = self._tries.get(judge.job.key, 0) + 1
            try:
                judge.connection.send(judge.job)
            except OSError:
                return  # it died; next_outcome finds that out

    def _start(self) -> _Judge:
        ours, theirs = self._context.Pipe()
        # a forked judge has copies of our ends, its own among them: as long as one is open, no
        # judge would see that this process is gone
        held = [ours, *(judge.connection for judge in self._running)] if self._forks else []
        place = self._free.pop()
        process = self._context.Process(
            target=_judge, args=(theirs, self.settings, held, place), daemon=True
        )
        process.start()
        theirs.close()
        judge = _Judge(process, ours, place)
        self._running.append(judge)
        return judge

    def _take(self, judge: _Judge) -> Outcome | None:
        job = judge.job
        assert job is not None
        try:
            outcome: Outcome = judge.connection.recv()
        except (EOFError, OSError):
            return self._bury(judge, job)
        judge.job = None
        judge.jobs_done += 1
        if judge.jobs_done >= JOBS_PER_JUDGE:
            self._dismiss(judge)
            self._remove(judge)
            self._leaving.append(judge)
        with contextlib.suppress(OSError):  # no process can be started: the next call tells
            self._assign()  # the judge goes on while the outcome is put down
        return outcome

    def _dismiss(self, judge: _Judge) -> None:
        """No more jobs: it leaves by itself."""
        with contextlib.suppress(OSError):
            judge.connection.send(None)

    def _remove(self, judge: _Judge) -> None:
        judge.connection.close()
        self._running.remove(judge)
        self._free.append(judge.place)

    def _bury(self, judge: _Judge, job: Job) -> Outcome | None:
        self._remove(judge)
        judge.process.join()
        if self._tries[job.key] < TRIES:
            self._queue.appendleft(job)
            return None
        code = judge.process.exitcode
        return Outcome(key=job.key, report=None, error=f"the judge process died (exit code {code})")


def _judge(
    connection: Connection, settings: Settings, held: Sequence[Connection], place: Place
) -> None:
    """What a judge process runs."""
    for other in held:
        other.close()
    place.take()
    grade_jobs(connection, settings)
