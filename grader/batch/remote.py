"""What runs inside a Dask worker: hands jobs to judge processes that stay warm between tasks.

A Dask worker has threads, and a process with threads must not be forked: each judge is exec'd.
"""

from __future__ import annotations

import atexit
import os
import queue
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from grader.batch.bundle import Bundle, unpack
from grader.batch.jobs import Job, Outcome
from grader.judge.run import Settings

_pools: dict[str, _Pool] = {}
_lock = threading.Lock()


@dataclass
class _Judge:
    process: subprocess.Popen[bytes]
    connection: Connection

    def grade(self, job: Job) -> Outcome:
        self.connection.send(job)
        outcome: Outcome = self.connection.recv()
        return outcome

    def end(self) -> None:
        self.connection.close()
        self.process.terminate()
        self.process.wait()


class _Pool:
    """The idle judges of one homework with one set of options; a task takes one or starts one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._idle: queue.LifoQueue[_Judge] = queue.LifoQueue()

    def grade(self, job: Job) -> Outcome:
        try:
            judge = self._idle.get_nowait()
        except queue.Empty:
            judge = start_judge(self._settings)
        try:
            outcome = judge.grade(job)
        except BaseException:
            judge.end()
            raise
        self._idle.put(judge)
        return outcome

    def end(self) -> None:
        while not self._idle.empty():
            self._idle.get_nowait().end()


def keep(bundle: Bundle) -> Bundle:
    """The Dask task that holds the suite for those that grade by it."""
    return bundle


def grade_here(bundle: Bundle, options: dict[str, Any], job: Job) -> Outcome:
    """The Dask task: grade `job` on this machine. A judge that dies raises: Dask tries again."""
    name = f"{bundle.name} {sorted(options.items())}"
    with _lock:
        if name not in _pools:
            settings = Settings(assignment=unpack(bundle), **options)
            _pools[name] = _Pool(settings)
    return _pools[name].grade(job)


@atexit.register
def _end_pools() -> None:
    for pool in _pools.values():
        pool.end()


def start_judge(settings: Settings) -> _Judge:
    """A judge process of its own, told its settings over the connection."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"from grader.batch.remote import serve; serve({theirs.fileno()})",
            ],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
    connection = Connection(ours.detach())
    connection.send(settings)
    return _Judge(process, connection)


def serve(fd: int) -> None:
    """The judge process: as grader.batch.slot, on an inherited descriptor."""
    from grader.batch.slot import grade_jobs

    connection = Connection(fd)
    settings: Settings = connection.recv()
    grade_jobs(connection, settings)
