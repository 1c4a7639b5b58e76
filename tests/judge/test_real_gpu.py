"""Grading on a GPU that is there: isolation, memory, repeatability, and a batch.

Run on a machine with a GPU: python -m pytest tests/judge/test_real_gpu.py
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course.manifest import Course, load_course
from grader.judge import gpus
from grader.judge.run import Settings, grade
from grader.report.model import Report, Status
from grader.report.serialise import to_dict
from grader.submission import load_submission
from tests.conftest import TINY, Run
from tests.judge.test_verdicts import SOLUTION, broken, without_times

pytestmark = [
    pytest.mark.slow,  # each worker imports torch and makes a CUDA context
    pytest.mark.skipif(not gpus.present(), reason="there is no GPU here"),
]
LIMIT_MB = 1024
GradeTorch = Callable[[str], Report]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The tiny course as if it were of torch, with a GiB of a card's memory for a worker."""
    root = tmp_path_factory.mktemp("gpu") / "course"
    shutil.copytree(TINY, root)
    manifest = root / "assignments" / "tiny" / "assignment.toml"
    text = manifest.read_text().replace('["numpy"]', '["numpy", "torch"]')
    limits = f"gpu_memory_mb = {LIMIT_MB}\nwall_s = 20.0\ncpu_s = 20.0"
    manifest.write_text(text.replace("wall_s = 1.5\ncpu_s = 3.0", limits))
    return load_course(root)


@pytest.fixture
def grade_on_gpu(course: Course, tmp_path: Path) -> GradeTorch:
    assignment = course.assignment("tiny")

    def run(source: str) -> Report:
        (tmp_path / "tiny.py").write_text(source)
        submission = load_submission(tmp_path / "tiny.py", "tiny")
        return grade(Settings(assignment=assignment, device="cuda"), submission)

    return run


def doubling(body: str) -> str:
    """A `double` that gives 2 x as numpy does, after `body`, which may use torch."""
    return broken(f"    import torch\n{body}    return 2 * x\n")


def status_of(report: Report, test: str) -> Status:
    return next(found.status for found in report.tests if found.id == test)


def test_a_worker_on_a_gpu_is_confined(grade_on_gpu: GradeTorch) -> None:
    report = grade_on_gpu(SOLUTION)
    assert {test.status for test in report.tests} == {Status.PASSED}
    assert report.isolation["level"] >= 2
    assert report.versions["gpu"]
    assert report.versions["cuda"]


def test_a_submission_computes_on_the_gpu(grade_on_gpu: GradeTorch) -> None:
    body = "    a = torch.ones(64, 64, device='cuda'); assert (a @ a).sum().item() == 64**3\n"
    report = grade_on_gpu(doubling(body))
    assert {test.status for test in report.tests} == {Status.PASSED}


def test_more_memory_of_the_gpu_than_allowed_fails_that_test_only(
    grade_on_gpu: GradeTorch,
) -> None:
    body = f"    torch.empty(2 * {LIMIT_MB} << 20, dtype=torch.uint8, device='cuda')\n"
    report = grade_on_gpu(doubling(body))
    assert status_of(report, "test_double_of_a_number") is Status.FAILED
    assert status_of(report, "test_counter_counts") is Status.PASSED


def test_a_fault_on_the_gpu_costs_that_test_only(grade_on_gpu: GradeTorch) -> None:
    body = (
        "    a = torch.zeros(4, device='cuda')\n"
        "    a[torch.tensor([10**6], device='cuda')]; torch.cuda.synchronize()\n"
    )
    report = grade_on_gpu(doubling(body))
    assert status_of(report, "test_double_of_a_number") in (Status.FAILED, Status.CRASHED)
    assert status_of(report, "test_counter_counts") is Status.PASSED


def test_nothing_of_a_worker_stays_in_the_memory_of_the_gpu(grade_on_gpu: GradeTorch) -> None:
    """Three tests call `double`, each in a worker of its own."""
    body = (
        "    a = torch.empty(64 << 20, dtype=torch.uint8, device='cuda')\n"
        "    assert torch.count_nonzero(a == 0x5A).item() < 1 << 20, 'another worker was here'\n"
        "    a.fill_(0x5A)\n"
    )
    report = grade_on_gpu(doubling(body))
    assert [test.feedback for test in report.tests if test.status is not Status.PASSED] == []


def test_the_same_seed_gives_the_same_report(grade_on_gpu: GradeTorch) -> None:
    body = "    print(torch.randn(1000, 1000, device='cuda').matmul(torch.ones(1000, 1000,"
    source = doubling(f"{body} device='cuda')).sum().item())\n")
    first, second = (without_times(to_dict(grade_on_gpu(source))) for _ in range(2))
    assert first == second


def test_a_batch_on_the_gpu(course: Course, tmp_path: Path, run: Run) -> None:
    sources = {"ada": SOLUTION, "bob": doubling("    torch.ones(1, device='cuda')\n")}
    for name, source in sources.items():
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "tiny.py").write_text(source)
    book = tmp_path / "grades.db"
    where = ["--course", course.root, "--gradebook", book]
    done = run("batch", "tiny", tmp_path / "class", *where, "--device", "cuda")
    assert done.code == 0, done.err
    grades = json.loads(run("grades", "tiny", "--gradebook", book, "--json", "-").out)["grades"]
    assert {grade["student"]: grade["score"] for grade in grades} == {"ada": 9.25, "bob": 9.25}
