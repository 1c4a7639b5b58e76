"""What a submission leaves behind delays no other one: no worker waits for its removal."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path

import pytest

from grader.course.manifest import Course
from grader.judge.backend import TemplateBackend, open_backend
from grader.judge.run import Settings
from grader.judge.session import Session
from grader.judge.template import ForkedWorker
from grader.sandbox import ALL_LAYERS
from grader.sandbox.policy import NAMESPACE_LAYERS
from grader.submission import load_submission

# a name costs as much to remove as to make, and has no size: links of one file
FILL = """
import os

for folder in range(8):
    os.mkdir(str(folder))
    open(f"{folder}/file", "w").close()
    for number in range(30_000):
        os.link(f"{folder}/file", f"{folder}/{number}")
"""
LEVEL_2 = ALL_LAYERS - NAMESPACE_LAYERS
ENDS_S = 60.0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no template forks")
def test_a_full_scratch_delays_no_worker(tiny_course: Course, tmp_path: Path) -> None:
    assignment = tiny_course.assignment("tiny")
    settings = Settings(assignment=assignment, layers=LEVEL_2)
    (tmp_path / "tiny.py").write_text(FILL)
    submission = load_submission(tmp_path / "tiny.py", "tiny")
    with contextlib.closing(open_backend(settings, [submission])) as backend:
        assert isinstance(backend, TemplateBackend)
        if backend.isolation["level"] < 2:
            pytest.skip("this machine cannot give level 2")
        usual_s = _until_ready_s(backend.spawn())
        limits = assignment.limits.__class__(wall_s=ENDS_S, cpu_s=ENDS_S)
        session = Session(backend.spawn, submission, "tiny", limits, 0, prepare_ahead=False)
        begun = time.monotonic()
        with contextlib.suppress(Exception):
            session.begin()
        filled_s = time.monotonic() - begun
        session.close()
        delayed_s = _until_ready_s(backend.spawn())
        assert delayed_s < usual_s + filled_s / 4


def _until_ready_s(worker: ForkedWorker) -> float:
    """How long a worker that was just asked for takes to be ready."""
    begun = time.monotonic()
    assert worker.channel.receive()[0] == "ready"
    seconds = time.monotonic() - begun
    worker.close()
    return seconds
