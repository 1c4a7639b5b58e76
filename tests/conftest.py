"""What all tests share: the tiny course and a way to grade a few lines with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.cli import main
from grader.course.manifest import Course, load_course
from grader.judge.run import Settings, grade
from grader.report.model import Report
from grader.submission import load_submission


@dataclass(frozen=True)
class Ran:
    """What a command did: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


TINY = Path(__file__).parent / "tiny_course"
Grade = Callable[..., Report]
Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Call the command with these arguments, in this process."""

    def call(*args: object) -> Ran:
        with pytest.raises(SystemExit) as left:
            main([str(arg) for arg in args])
        captured = capsys.readouterr()
        code = left.value.code or 0
        return Ran(code if isinstance(code, int) else 1, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def tiny_course() -> Course:
    return load_course(TINY)


@pytest.fixture
def grade_tiny(tiny_course: Course, tmp_path: Path) -> Grade:
    """Grade source text as a submission of the tiny homework."""
    assignment = tiny_course.assignment("tiny")

    def run(source: str, name: str = "tiny.py", **settings: object) -> Report:
        path = tmp_path / name
        path.write_text(source, encoding="utf-8")
        submission = load_submission(path, assignment.module)
        return grade(Settings(assignment=assignment, **settings), submission)  # type: ignore[arg-type]

    return run
