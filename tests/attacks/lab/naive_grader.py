"""A grader as most are: tests and submission in one process, the score in a file beside them.

Run as a program, it is warm: for each job (a folder with hw3.py, and seconds to wait) it forks a
child that runs pytest over naive_suite.py there, so that whatever an attack does ends with it.
Answers how the child ended, the score it wrote and what was printed.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULT = "results.json"


class NaiveGrader:
    """The warm program, as seen from the test process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=HERE,
            env={
                "PATH": "/usr/bin:/bin",
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            },
        )

    def grade(self, folder: Path, wait_s: float) -> dict[str, Any]:
        """`ended` ("exit 0", "signal 11", "never"), `score` (None: no result), `output`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(folder), wait_s]) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


class Score:
    """The plugin that counts, in the process that the submission is in too."""

    def __init__(self) -> None:
        self.passed = 0

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.passed += report.when == "call" and report.outcome == "passed"


def run_here(folder: str) -> None:
    """In the child: grade the submission in `folder` and write the score."""
    os.setsid()
    os.chdir(folder)
    sys.path.insert(0, folder)
    output = os.open("output.txt", os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdout, sys.stderr = os.fdopen(1, "w", buffering=1), os.fdopen(2, "w", buffering=1)
    import pytest

    score = Score()
    suite = shutil.copy(HERE / "naive_suite.py", folder)
    pytest.main(
        ["-q", "-s", "--tb=line", "-p", "no:cacheprovider", "--rootdir", folder, suite],
        plugins=[score],
    )
    Path(RESULT).write_text(json.dumps({"score": score.passed}))
    sys.exit(0)


def serve() -> None:
    """Import what takes long, then a child for each job."""
    import ctypes  # noqa: F401

    import numpy.testing  # noqa: F401
    import pytest  # noqa: F401

    for line in sys.stdin:
        folder, wait_s = json.loads(line)
        pid = os.fork()
        if pid == 0:
            run_here(folder)
        pidfd = os.pidfd_open(pid)
        in_time = bool(select.select([pidfd], [], [], wait_s)[0])
        if not in_time:
            os.kill(pid, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.close(pidfd)
        ended = f"exit {code}" if code >= 0 else f"signal {-code}"
        try:
            score = json.loads(Path(folder, RESULT).read_text())["score"]
        except (OSError, ValueError, KeyError):
            score = None
        output = Path(folder, "output.txt").read_text(errors="replace")
        output = output[:50_000] + output[-50_000:]
        answer = {"ended": ended if in_time else "never", "score": score, "output": output}
        print(json.dumps(answer), flush=True)
        time.sleep(0)


if __name__ == "__main__":
    serve()
