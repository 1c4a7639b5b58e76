"""Killed at any moment, the same command goes on: nothing is lost, nothing is graded twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.gradebook import open_gradebook
from tests.batch.conftest import write_class
from tests.conftest import TINY

KILLS = 50
SIZE = 64
GRADER = Path(sys.executable).with_name("grader")


def command(folder: Path, book: Path) -> list[str]:
    return [
        str(GRADER), "batch", "tiny", str(folder), "--gradebook", str(book), "--course", str(TINY),
    ]  # fmt: skip


def results(book: Path) -> dict[tuple[str, str], float]:
    with open_gradebook(str(book)) as opened:
        attempts = opened.attempts("tiny")
    found = {(a.student, a.key.submission_hash): float(a.score or 0) for a in attempts}
    assert len(found) == len(attempts), "something was graded twice"
    return found


@pytest.mark.slow
def test_fifty_kills_change_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    expected = write_class(folder, SIZE)
    disturbed, calm = tmp_path / "disturbed.db", tmp_path / "calm.db"
    draw = random.Random(1)
    done = 0
    for kill in range(KILLS):
        process = subprocess.Popen(
            command(folder, disturbed), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(timeout=draw.uniform(0.2, 1.6))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL if kill % 5 else signal.SIGINT)
            done += 1
        process.wait(timeout=60)
        if process.returncode == 0:
            disturbed_results = results(disturbed)
            assert {s: v for (s, _), v in disturbed_results.items()} == expected
            for path in tmp_path.glob("disturbed.db*"):
                path.unlink()  # it got through: begin anew, so that every kill has work to cut
    subprocess.run(command(folder, disturbed), check=True, capture_output=True)
    subprocess.run(command(folder, calm), check=True, capture_output=True)
    assert done >= KILLS * 0.8
    assert results(disturbed) == results(calm)
    assert {student: score for (student, _), score in results(calm).items()} == expected
    assert not leftovers(str(folder))


def leftovers(mark: str) -> list[str]:
    """Command lines of processes that still work on `mark`, a moment after all have ended."""
    time.sleep(1.0)
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if mark in line and entry.name != str(os.getpid()):
            found.append(line)
    return found


@pytest.mark.slow
def test_two_batches_at_once_do_no_harm(tmp_path: Path) -> None:
    folder, book = tmp_path / "class", tmp_path / "g.db"
    expected = write_class(folder, 24)
    both = [subprocess.Popen(command(folder, book), stderr=subprocess.PIPE) for _ in range(2)]
    for process in both:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert {student: score for (student, _), score in results(book).items()} == expected
