"""What a test holds of a submission, where the worker's answers are not what our worker gives."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.course.manifest import Course
from grader.judge.backend import Backend, open_backend
from grader.judge.outcomes import MissingName, MisusedValue, StudentFault
from grader.judge.proxy import Student
from grader.judge.run import Settings
from grader.judge.session import Session
from grader.submission import load_submission


class Answers:
    """A conversation in which every question has the same answer."""

    answered = False

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
    assert student._conversation.answered  # what a test then does with it is not its own fault
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


@pytest.fixture
def loaded(tmp_path: Path, tiny_course: Course) -> Iterator[Callable[[str], Student]]:
    """A submission's source in a worker, as a test has it."""
    tiny = tiny_course.assignment("tiny")
    with contextlib.ExitStack() as stack:

        def load(source: str) -> Student:
            (tmp_path / "tiny.py").write_text(source)
            submission = load_submission(tmp_path / "tiny.py", "tiny")
            backend = stack.enter_context(
                contextlib.closing(open_backend(Settings(assignment=tiny)))
            )
            assert isinstance(backend, Backend)
            session = Session(backend.spawn, submission, "tiny", tiny.limits, 0)
            return stack.enter_context(contextlib.closing(session)).begin()

        yield load


def test_a_function_that_a_test_replaces_is_what_it_was_for_who_holds_it(
    loaded: Callable[[str], Student],
) -> None:
    student = loaded("def helper(x): return 2 * x\n\n\ndef f(x): return helper(x)\n")
    own = student.helper
    student.helper = lambda x: 100
    assert (student.f(1), own(1)) == (100, 2)
    student.helper = 5.0
    assert student.helper == 5.0
    student.helper = own
    assert (student.f(1), student.helper(1)) == (2, 2)


def test_a_function_that_the_submission_replaces_is_the_new_one(
    loaded: Callable[[str], Student],
) -> None:
    source = "def f(): return 1\n\n\ndef change():\n    global f\n    f = lambda: 2\n"
    student = loaded(source)
    student.change()
    assert student.f() == 2


@pytest.mark.parametrize(
    "oddity",
    [
        "globals()[1] = f",
        "globals()['a b'] = f",
        "for i in range(3000): globals()['g' * 2000 + str(i)] = f",
        "import sys, types\n"
        "class Odd(types.ModuleType):\n"
        "    @property\n"
        "    def __dict__(self): raise KeyError\n"
        "sys.modules[__name__].__class__ = Odd",
    ],
    ids=["a number", "no identifier", "very many", "a module of its own kind"],
)
def test_odd_names_cost_nothing(loaded: Callable[[str], Student], oddity: str) -> None:
    student = loaded(f"def f(): return 1\n\n\n{oddity}\n")
    assert student.f() == 1
    with pytest.raises(MissingName):
        student.a()


def test_no_code_of_the_submission_runs_while_a_request_is_read(
    loaded: Callable[[str], Student],
) -> None:
    student = loaded(
        "def gone(): del globals()['late']\n\n\ndef late(): return 1\n\n\n"
        "def __getattr__(name): raise RuntimeError('ha')\n"
    )
    student.gone()
    with pytest.raises(StudentFault):
        student.late()
    assert student.has("gone")
