"""What all tests share: the tiny course and a way to grade a few lines with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course.manifest import Course, load_course
from grader.judge.run import Settings, grade
from grader.report.model import Report
from grader.submission import load_submission

TINY = Path(__file__).parent / "tiny_course"
Grade = Callable[..., Report]


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
