"""A real scheduler with two worker processes, one of which is killed while it works."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.batch.cluster import ClusterEngine
from grader.batch.grading import grade_class
from grader.course.manifest import Course
from grader.discover import discover
from grader.gradebook import open_gradebook
from grader.judge.run import Settings
from tests.batch.conftest import write_class

pytest.importorskip("distributed")
DASK = Path(sys.executable).with_name("dask")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The address of a scheduler, and its two worker processes."""
    contact = tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scheduler = subprocess.Popen(
        [DASK, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
         "--scheduler-file", contact],
        **quiet,
    )  # fmt: skip
    workers = [
        subprocess.Popen(
            [DASK, "worker", "--scheduler-file", contact, "--nthreads", "1", "--no-nanny",
             "--no-dashboard", "--local-directory", tmp_path],
            **quiet,
        )
        for _ in range(2)
    ]  # fmt: skip
    import json

    for _ in range(300):
        if contact.is_file() and contact.read_text().endswith("}"):
            break
        time.sleep(0.1)
    yield json.loads(contact.read_text())["address"], workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_lost_machine_costs_a_retry_only(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], tiny_course: Course, tmp_path: Path
) -> None:
    address, workers = cluster
    folder = tmp_path / "class"
    expected = write_class(folder, 24)
    settings = Settings(assignment=tiny_course.assignment("tiny"), reuse_workers=True)
    engine = ClusterEngine(settings, address)
    engine._client.wait_for_workers(2, timeout=60)
    killed = []

    pids = engine._client.run(os.getpid)

    def kill_one(_event: object, tally: object) -> None:
        """The machine that holds the suite for the others."""
        if not killed:
            holders = engine._client.who_has(engine._bundle)[engine._bundle.key]
            next(worker for worker in workers if worker.pid == pids[holders[0]]).kill()
            killed.append(tally)

    found = discover(folder, "tiny", "tiny", tmp_path / "work").found
    try:
        with open_gradebook(str(tmp_path / "g.db")) as book:
            tally = grade_class(settings, found, book, engine, "test", kill_one)
            scores = {a.student: float(a.score or 0) for a in book.attempts("tiny")}
    finally:
        engine.close()
    assert killed
    assert tally.counts["error"] == 0
    assert scores == expected
