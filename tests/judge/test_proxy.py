"""What a test holds of a submission, where the worker's answers are not what our worker gives."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.course.manifest import Course
from grader.judge.backend import Backend, open_backend
from grader.judge.outcomes import MisusedValue, StudentFault
from grader.judge.proxy import Student
from grader.judge.run import Settings
from grader.judge.session import Session
from grader.submission import load_submission


class Answers:
    """A conversation in which every question has the same answer."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def ask(self, kind: str, payload: list[Any], called: str | None = None) -> Any:
        return self._answer

    def processor_s(self) -> float:
        return 0.0


def test_kept_arguments_come_back_one_by_one() -> None:
    x = np.ones(3)
    result, arguments = Student(Answers((5.0, [x]))).with_arguments(len, x)
    assert result == 5.0
    assert arguments[0] is x


@pytest.mark.parametrize(
    "answer",
    [None, 5.0, (5.0,), (5.0, None), (5.0, []), (5.0, [1, 2]), [5.0, [1]], (5.0, (1,))],
    ids=str,
)
def test_kept_arguments_that_are_not_those_of_the_call_are_refused(answer: Any) -> None:
    with pytest.raises(MisusedValue, match="did not give its arguments back"):
        Student(Answers(answer)).with_arguments(len, np.ones(3))


def test_a_function_that_the_worker_named_is_not_asked_for() -> None:
    student = Student(Answers(AssertionError("asked")), frozenset({"f", "__class__", "run"}))
    assert repr(student.f) == "<f: an object of class function>"
    assert type(student) is Student
    assert "an object of class" not in repr(student.run)


GONE = """\
def double(x):
    del globals()["slow"]
    return 2 * x


def slow():
    return 3
"""


def test_a_function_that_is_gone_by_then_is_the_students_fault(
    tmp_path: Path, tiny_course: Course
) -> None:
    (tmp_path / "tiny.py").write_text(GONE)
    tiny = tiny_course.assignment("tiny")
    submission = load_submission(tmp_path / "tiny.py", "tiny")
    settings = Settings(assignment=tiny)
    with contextlib.closing(open_backend(settings)) as backend:
        assert isinstance(backend, Backend)
        session = Session(backend.spawn, submission, "tiny", tiny.limits, 0)
        with contextlib.closing(session):
            student = session.begin()
            slow = student.slow
            assert slow() == 3
            assert student.double(1) == 2
            with pytest.raises(StudentFault):
                slow()
            with pytest.raises(StudentFault):
                student.slow()
