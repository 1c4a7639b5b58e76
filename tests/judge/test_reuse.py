"""A worker that serves several tests gives the verdicts that fresh workers give."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from pathlib import Path

import pytest

from grader.course.manifest import Course
from grader.judge.backend import Backend, open_backend
from grader.judge.run import Settings
from grader.judge.session import Session
from grader.report.model import Report
from grader.submission import load_submission
from tests.conftest import Grade
from tests.judge.test_verdicts import SOLUTION, broken

LEAKS = {
    "module state": "    return 2 * x if state['calls'] == 1 else None\n",
    "a file": (
        "    import os\n"
        "    seen = os.path.exists('left')\n"
        "    open('left', 'w').close()\n"
        "    return None if seen else 2 * x\n"
    ),
    "an attribute of numpy": (
        "    import numpy as np\n"
        "    seen = hasattr(np, 'left')\n"
        "    np.left = True\n"
        "    return None if seen else 2 * x\n"
    ),
    "numpy's error state": (
        "    import numpy as np\n"
        "    seen = np.geterr()['all' if 0 else 'divide'] == 'raise'\n"
        "    np.seterr(all='raise')\n"
        "    return None if seen else 2 * x\n"
    ),
    "the environment": (
        "    import os\n"
        "    seen = 'LEFT' in os.environ\n"
        "    os.environ['LEFT'] = '1'\n"
        "    return None if seen else 2 * x\n"
    ),
    "a broken builtin": "    import builtins\n    builtins.len = None\n    return 2 * x\n",
    "a broken numpy": "    import numpy as np\n    np.array = np.zeros = None\n    return 2 * x\n",
    "a thread": (
        "    import threading, time\n"
        "    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "    return 2 * x\n"
    ),
    "a loop": "    while True: pass\n",
    "an exit": "    import os; os._exit(0)\n",
    "nothing wrong": "    return 2 * x\n",
}


def verdicts(report: Report) -> list[tuple[object, ...]]:
    return [(t.id, t.status, t.score, t.feedback, t.output) for t in report.tests]


@pytest.mark.parametrize("body", LEAKS.values(), ids=LEAKS)
def test_the_verdicts_are_those_of_fresh_workers(grade_tiny: Grade, body: str) -> None:
    source = broken(body)
    fresh, reused = grade_tiny(source), grade_tiny(source, reuse_workers=True)
    assert verdicts(reused) == verdicts(fresh)


def test_reusing_starts_one_process_for_a_good_submission(
    grade_tiny: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grader.judge.template import Template

    spawned = []
    spawn = Template.spawn
    monkeypatch.setattr(Template, "spawn", lambda self: spawned.append(1) or spawn(self))
    assert grade_tiny(SOLUTION, reuse_workers=True).score == grade_tiny(SOLUTION).score
    # one for all tests, one more for the test that holds points back, five and one ahead otherwise
    assert len(spawned) <= 2 + 6


@pytest.mark.skipif(sys.platform != "linux", reason="counted in /proc")
def test_a_closed_worker_leaves_no_descriptor_to_the_garbage_collector(
    tiny_course: Course, tmp_path: Path
) -> None:
    tiny = tiny_course.assignment("tiny")
    (tmp_path / "tiny.py").write_text(SOLUTION)
    submission = load_submission(tmp_path / "tiny.py", "tiny")
    settings = Settings(assignment=tiny, reuse_workers=True)
    with contextlib.closing(open_backend(settings)) as backend:
        assert isinstance(backend, Backend)
        assert backend.isolation["level"] > 1
        session = Session(backend.spawn, submission, "tiny", tiny.limits, 0, reuse=True)
        gc.disable()
        try:
            counts = []
            for _ in range(4):
                for _ in range(3):
                    session.begin()
                    session.end()
                session.discard()
                counts.append(len(os.listdir("/proc/self/fd")))
        finally:
            gc.enable()
            session.close()
    assert len(set(counts[1:])) == 1
