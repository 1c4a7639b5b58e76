"""`grader check hw3` against bare pytest on the same tests, `grader --help`, one worker's life.

Run: python -m benchmarks.check_speed [--runs 15]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from grader.course.manifest import find_course
from grader.judge.backend import Backend, open_backend
from grader.judge.run import Settings
from grader.judge.session import Session
from grader.submission import load_submission

ROOT = Path(__file__).resolve().parents[1]
SOLUTION = ROOT / "reference" / "hw3" / "solution.py"
GRADER = [str(Path(sys.executable).with_name("grader"))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    assignment = find_course(ROOT).assignment("hw3")
    files = [str(f) for v in ("public", "hidden") for f in assignment.test_files(v)]
    check = [*GRADER, "check", "hw3", str(SOLUTION)]
    bare = [sys.executable, "-m", "pytest", "-q", "-p", "benchmarks.bare_plugin"]
    bare += ["-c", os.devnull, "--rootdir", str(ROOT), "--import-mode=importlib", *files]
    pairs = [(seconds(check), seconds(bare)) for _ in range(runs)]
    ours = statistics.median(a for a, _ in pairs)
    theirs = statistics.median(b for _, b in pairs)
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"hw3, {len(assignment.tests)} tests, {runs} runs in turn, medians:")
    print(f"  grader check (isolated)      {1e3 * ours:7.0f} ms")
    print(f"  bare pytest (one process)    {1e3 * theirs:7.0f} ms")
    print(f"  ratio, pair by pair          {ratio:7.2f}")
    helps = [seconds([*GRADER, "--help"]) for _ in range(runs)]
    print(f"grader --help                  {1e3 * statistics.median(helps):7.0f} ms")
    for command in (["--help"], ["check", "hw3", str(SOLUTION)]):
        print(f"torch imported by {command[0]:<12} {imports_torch(command)!s:>7}")
    worker_lives(200)


def seconds(command: list[str]) -> float:
    """Wall time of one run; it must succeed."""
    environment = {**os.environ, "BARE_SUBMISSION": str(SOLUTION), "BARE_HOMEWORK": "hw3"}
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=environment)
    return time.perf_counter() - started


def imports_torch(arguments: list[str]) -> bool:
    """Whether the command's own process imports torch."""
    command = [sys.executable, "-X", "importtime", "-m", "grader", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    return any(line.split("|")[-1].strip() == "torch" for line in result.stderr.splitlines())


def worker_lives(count: int) -> None:
    """Fork, confine, load the submission, 13 calls, kill: one worker after the other."""
    assignment = find_course(ROOT).assignment("hw3")
    submission = load_submission(SOLUTION, assignment.module)
    settings = Settings(assignment=assignment)
    with contextlib.closing(open_backend(settings)) as backend:
        level = backend.isolation["level"]
        assert isinstance(backend, Backend)
        lives = []
        for _ in range(count):
            session = Session(
                backend.spawn, submission, "hw3", assignment.limits, 0, prepare_ahead=False
            )
            started = time.perf_counter()
            student = session.begin()
            for _ in range(13):
                student.sigmoid(0.5)
            session.close()
            lives.append(time.perf_counter() - started)
    lives.sort()
    median, p95 = statistics.median(lives), lives[int(0.95 * count)]
    print(f"one worker's life at level {level}, 13 calls: {1e3 * median:.1f} ms median, ", end="")
    print(f"{1e3 * p95:.1f} ms p95 of {count}")


if __name__ == "__main__":
    main()
