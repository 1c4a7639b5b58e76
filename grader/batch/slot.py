"""One judge of a batch: a trusted process that grades one submission after the other.

It collects the suite once and keeps one warm template; each submission's workers are forked from
that. It runs no student code itself, so it serves the next submission as well as the first.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

from grader.batch.jobs import Job, Outcome
from grader.course.manifest import Assignment
from grader.errors import GraderError, SubmissionError
from grader.judge.backend import open_backend
from grader.judge.plan import Plan
from grader.judge.run import Settings, grade_all, ungraded
from grader.report.model import Report
from grader.report.serialise import to_dict
from grader.submission import load_submission
from grader.submission.model import Submission


def grade_jobs(connection: Connection, settings: Settings) -> None:
    """Take jobs from `connection` until None comes, and send an Outcome back for each.

    Ended by SIGTERM in the middle of a job, it still ends its template and removes its files.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that holds us
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        _Slot(connection, settings).run()


class _Slot:
    def __init__(self, connection: Connection, settings: Settings) -> None:
        self._connection = connection
        self._settings = settings
        self._job: Job | None = None
        self._started = 0.0
        self._backend = open_backend(settings)
        self._over = False

    def run(self) -> None:
        try:
            while not self._over:
                try:
                    grade_all(
                        self._settings,
                        self._submissions(),
                        self._backend,
                        self._done,
                        plan_of=self._plan_of,
                    )
                except GraderError as err:
                    self._failed(err)
        except (EOFError, BrokenPipeError):
            pass  # the process that held us is gone
        finally:
            self._backend.close()

    def _submissions(self) -> Iterator[Submission]:
        """The submissions that can be read, as their jobs come in."""
        gc.freeze()  # the suite is collected, and stays: no use looking through it again
        while True:
            job: Job | None = self._connection.recv()
            if job is None:
                self._over = True
                return
            self._job, self._started = job, time.monotonic()
            try:
                submission = read(job, self._settings.assignment)
            except SubmissionError as err:
                self._send(ungraded(self._settings, job.path.name, err, self._backend), True)
            else:
                yield submission

    def _plan_of(self, _submission: Submission) -> Plan:
        assert self._job is not None
        return self._job.plan

    def _done(self, _submission: Submission, report: Report) -> None:
        self._send(report, False)

    def _send(self, report: Report, unreadable: bool) -> None:
        assert self._job is not None
        self._connection.send(
            Outcome(
                key=self._job.key,
                report=to_dict(report),
                unreadable=unreadable,
                duration_s=round(time.monotonic() - self._started, 4),
            )
        )
        self._job = None

    def _failed(self, err: GraderError) -> None:
        """A fault of ours or the course's: the job is not graded, and the backend starts anew.

        Where the suite cannot even be collected, the job that waits is told why.
        """
        job: Job | None = self._job or self._connection.recv()
        if job is None:
            self._over = True
            return
        self._connection.send(Outcome(key=job.key, report=None, error=err.message))
        self._job = None
        self._backend.close()
        self._backend = open_backend(self._settings)


def read(job: Job, assignment: Assignment) -> Submission:
    """The job's submission, read where it has not been; SubmissionError where it cannot be."""
    if job.unreadable is not None:
        raise SubmissionError(job.unreadable)
    return job.submission or load_submission(job.path, assignment.module, assignment.folder)


def warm_up() -> dict[str, Any]:
    """Import what every judge needs, so that judges forked from here have it already."""
    import pytest

    import grader.judge.suite
    import grader.testing

    return {"pytest": pytest.__version__, "pid": os.getpid(), "suite": grader.judge.suite.OPTIONS}
