"""The engine of one machine: a few judge processes, each busy with one submission at a time.

A judge that dies is replaced and its submission tried once more; then it becomes a record of
the failure, and the batch goes on.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from grader.batch.jobs import Job, Outcome
from grader.batch.slot import grade_jobs, warm_up
from grader.judge.run import Settings

TRIES = 2
JOBS_PER_JUDGE = 500  # then it is replaced: whatever it leaks stays bounded


@dataclass
class _Judge:
    process: BaseProcess
    connection: Connection
    core: int | None = None
    job: Job | None = None
    jobs_done: int = 0


@dataclass
class LocalEngine:
    """Grades on this machine with `judges` processes; GPU homeworks take one a device."""

    settings: Settings
    judges: int = 0
    _queue: deque[Job] = field(default_factory=deque)
    _tries: dict[str, int] = field(default_factory=dict)
    _running: list[_Judge] = field(default_factory=list)
    _leaving: list[_Judge] = field(default_factory=list)
    _cores: set[int] = field(init=False)
    _forks: bool = field(init=False)

    def __post_init__(self) -> None:
        gpu = self.settings.device != "cpu"
        self.judges = self.judges or (1 if gpu else os.cpu_count() or 1)
        forks = sys.platform == "linux"
        if forks:
            warm_up()
        self._forks = forks
        self._context = multiprocessing.get_context("fork" if forks else "spawn")
        self._cores = _one_core_each(self.judges)

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
            if judge is None and len(self._running) < self.judges:
                judge = self._start()
            if judge is None:
                return
            judge.job = self._queue.popleft()
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
        core = next(iter(self._cores - {judge.core for judge in self._running}), None)
        process = self._context.Process(  # type: ignore[attr-defined]
            target=_judge, args=(theirs, self.settings, held, core), daemon=True
        )
        process.start()
        theirs.close()
        judge = _Judge(process, ours, core)
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
            judge.connection.close()
            self._running.remove(judge)
            self._leaving.append(judge)
        return outcome

    def _dismiss(self, judge: _Judge) -> None:
        """No more jobs: it leaves by itself."""
        with contextlib.suppress(OSError):
            judge.connection.send(None)

    def _bury(self, judge: _Judge, job: Job) -> Outcome | None:
        self._running.remove(judge)
        judge.connection.close()
        judge.process.join()
        if self._tries[job.key] < TRIES:
            self._queue.appendleft(job)
            return None
        code = judge.process.exitcode
        return Outcome(key=job.key, report=None, error=f"the judge process died (exit code {code})")


def _judge(
    connection: Connection, settings: Settings, held: Sequence[Connection], core: int | None
) -> None:
    """What a judge process runs."""
    for other in held:
        other.close()
    if core is not None:
        os.sched_setaffinity(0, {core})
    grade_jobs(connection, settings)


def _one_core_each(judges: int) -> set[int]:
    """The cores of this process where there is one for each judge, else none.

    A judge and its worker take turns: on one core a message costs half of what it costs when each
    wakes the other's core. With fewer judges than cores the kernel places them better.
    """
    if sys.platform != "linux":
        return set()
    cores = os.sched_getaffinity(0)
    return cores if len(cores) == judges else set()
