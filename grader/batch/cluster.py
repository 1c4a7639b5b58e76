"""The engine of several machines: Dask distributed carries jobs, judges there do the rest.

The homework is sent once, named by its hash; each worker machine has its own warm template. A
machine that is lost costs a retry. Needs the extra `dask`.
"""

from __future__ import annotations

import queue
import time
from dataclasses import replace
from typing import Any

from grader.batch.bundle import pack
from grader.batch.jobs import Job, Outcome
from grader.batch.slot import read
from grader.errors import InternalError, SubmissionError, UsageError
from grader.judge.run import Settings, words_of

RETRIES = 2
CONNECT_S = 20


class ClusterEngine:
    """Grades on the workers of a Dask scheduler; without an address on a cluster of this machine.

    GPU homeworks need workers with a Dask resource `GPU` (dask worker --resources GPU=1).
    """

    def __init__(self, settings: Settings, scheduler: str | None, workers: int = 0) -> None:
        try:
            from distributed import Client, LocalCluster
        except ImportError as err:
            raise UsageError(
                "The Dask engine needs Dask distributed, which is not installed.",
                hint="pip install 'grader[dask]'",
            ) from err
        self._cluster: Any = None
        if scheduler is None:
            self._cluster = LocalCluster(
                n_workers=workers or None, threads_per_worker=1, dashboard_address=None
            )
        try:
            self._client = Client(self._cluster or scheduler, timeout=CONNECT_S)
        except (OSError, ValueError) as err:
            raise UsageError(
                f"There is no Dask scheduler at {scheduler}: {err}",
                hint="Start one with `dask scheduler` and workers with `dask worker ADDRESS`.",
            ) from err
        self._assignment = settings.assignment
        self._options = {
            "tests": settings.tests,
            "problems": settings.problems,
            "seed": settings.seed,
            "device": settings.device,
            "require_isolation": settings.require_isolation,
            "reuse_workers": settings.reuse_workers,
        }
        self._resources = {"GPU": 1} if settings.device != "cpu" else {}
        from grader.batch.remote import keep

        # a task and not scattered data: what lay on a lost machine is then made again
        bundle = pack(settings.assignment)
        self._bundle = self._client.submit(keep, bundle, key=f"suite-{bundle.name}")
        self._done: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._futures: dict[str, Any] = {}
        self._since: dict[str, float] = {}

    @property
    def capacity(self) -> int:
        return max(2, 2 * self._threads())

    def submit(self, job: Job) -> None:
        """Send the submission itself: a path means nothing on another machine."""
        from grader.batch.remote import grade_here

        try:
            carried = replace(job, submission=read(job, self._assignment))
        except SubmissionError as err:
            carried = replace(job, unreadable=words_of(err))
        future = self._client.submit(
            grade_here,
            self._bundle,
            self._options,
            carried,
            pure=False,
            retries=RETRIES,
            resources=self._resources or None,
        )
        self._futures[job.key] = future
        self._since[job.key] = time.monotonic()
        future.add_done_callback(lambda done: self._done.put((job.key, done)))

    def next_outcome(self, timeout_s: float | None = None) -> Outcome | None:
        try:
            key, future = self._done.get(timeout=timeout_s)
        except queue.Empty:
            self._require_workers()
            return None
        self._futures.pop(key, None)
        self._since.pop(key, None)
        if future.status == "finished":
            outcome: Outcome = future.result()
            return outcome
        error = future.exception() if future.status == "error" else None
        return Outcome(key=key, report=None, error=f"lost on the cluster: {error or future.status}")

    def under_way(self) -> dict[str, float]:
        """The oldest jobs, as many as there are threads, since they were sent."""
        oldest = sorted(self._since.items(), key=lambda item: item[1])
        return dict(oldest[: max(1, self._threads())])

    def close(self) -> None:
        for future in self._futures.values():
            future.cancel()
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    def _threads(self) -> int:
        return int(sum(self._client.nthreads().values()))

    def _require_workers(self) -> None:
        if self._client.status != "running":
            raise InternalError("The connection to the Dask scheduler is lost.")
