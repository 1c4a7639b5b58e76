"""Grading on a GPU, as far as a machine without one can show it."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import pytest

from grader.cli import main
from grader.course.manifest import Course, load_course
from grader.judge import gpus, single
from grader.judge.backend import SingleBackend
from grader.judge.run import Settings, grade, grade_all
from grader.judge.single import GpuUnusable
from grader.report.model import Report, Status
from grader.sandbox import Policy, python_paths
from grader.submission import load_submission
from tests.conftest import TINY, Grade
from tests.judge.test_verdicts import SOLUTION, broken

pytestmark = [
    pytest.mark.slow,  # each imports torch once
    pytest.mark.skipif(os.path.exists("/dev/nvidia0"), reason="there is a GPU here"),
    pytest.mark.skipif(sys.platform != "linux", reason="GPU workers are confined on Linux"),
]


def grade_alone(course: Course, source: str, folder: Path) -> Report:
    """Graded by workers made for a GPU, each a process of its own, which use none."""
    (folder / "tiny.py").write_text(source)
    assignment = course.assignment("tiny")
    submission = load_submission(folder / "tiny.py", assignment.module)
    policy = Policy(readable=python_paths(), memory_mb=64, gpu=True)
    found: list[Report] = []
    settings = Settings(assignment=assignment, tests="public")
    with contextlib.closing(SingleBackend(policy, ("numpy",), 4096)) as backend:
        grade_all(settings, [submission], backend, lambda _, report: found.append(report))
    return found[0]


def test_a_worker_for_a_gpu_is_isolated_like_any_other(tiny_course: Course, tmp_path: Path) -> None:
    report = grade_alone(tiny_course, SOLUTION, tmp_path)
    assert [test.status for test in report.tests] == [Status.PASSED]
    assert report.isolation["level"] == 3


def test_a_worker_for_a_gpu_that_takes_too_much_memory_is_killed(
    tiny_course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single, "CUDA_MB", 400)
    hog = "    full = bytearray(b'x') * (1 << 30)\n    import time; time.sleep(1)\n"
    report = grade_alone(tiny_course, broken(hog), tmp_path)
    (test,) = report.tests
    assert test.status is Status.CRASHED
    assert "more memory than allowed" in str(test.feedback)


def test_a_gpu_that_cannot_be_used_is_nobodys_mistake(grade_tiny: Grade) -> None:
    with pytest.raises(GpuUnusable, match="The GPU cannot be used"):
        grade_tiny(SOLUTION, device="cuda")


@pytest.fixture
def torch_course(tmp_path: Path) -> Path:
    """The tiny course, as if it were of torch."""
    import shutil

    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    manifest = root / "assignments" / "tiny" / "assignment.toml"
    manifest.write_text(manifest.read_text().replace('["numpy"]', '["numpy", "torch"]'))
    (tmp_path / "tiny.py").write_text(SOLUTION)
    return root


@pytest.mark.parametrize(("wanted", "code"), [("auto", 1), ("cuda", 3)])
def test_a_gpu_that_is_there_and_does_not_work(
    torch_course: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    wanted: str,
    code: int,
) -> None:
    monkeypatch.setattr(gpus, "present", lambda: ("0",))
    arguments = ["check", "tiny", str(torch_course.parent / "tiny.py")]
    with pytest.raises(SystemExit) as exit_info:
        main([*arguments, "--course", str(torch_course), "--device", wanted])
    said = capsys.readouterr()
    assert exit_info.value.code == code, said.out
    assert "The GPU cannot be used" in said.err
    assert ("The CPU is used instead" in said.err) == (wanted == "auto")


def test_how_torch_is_kept_deterministic_is_in_the_report(torch_course: Path) -> None:
    assignment = load_course(torch_course).assignment("tiny")
    submission = load_submission(torch_course.parent / "tiny.py", "tiny")
    report = grade(Settings(assignment=assignment), submission)
    assert report.versions["determinism"] == "one thread"
