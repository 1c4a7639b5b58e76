"""What breaks a test's own lines is the student's once a worker has answered, ours before that."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grader.course.manifest import load_course
from grader.judge.callbacks import Callback
from grader.judge.outcomes import MisusedValue
from grader.judge.proxy import Student
from grader.judge.run import Settings, grade
from grader.report.model import Report, Status
from grader.submission import load_submission
from tests.conftest import TINY
from tests.judge.test_verdicts import SOLUTION, broken

GradeBy = Callable[..., Report]


@pytest.fixture
def grade_by(tmp_path: Path) -> GradeBy:
    """Grade by a public test of these lines, with `student` and `np`."""

    def run(lines: str, source: str = SOLUTION, reveal: bool = False, **limits: float) -> Report:
        shutil.copytree(TINY, tmp_path / "course")
        tests = tmp_path / "course" / "assignments" / "tiny" / "tests" / "test_public.py"
        body = "".join(f"    {line}\n" for line in lines.splitlines())
        tests.write_text(f"import numpy as np\n\n\ndef test_double_of_a_number(student):\n{body}")
        assignment = load_course(tmp_path / "course").assignment("tiny")
        assignment = replace(assignment, limits=replace(assignment.limits, **limits))
        (tmp_path / "tiny.py").write_text(source)
        submission = load_submission(tmp_path / "tiny.py", "tiny")
        return grade(Settings(assignment=assignment, tests="public", reveal=reveal), submission)

    return run


def test_before_any_answer_it_is_ours(grade_by: GradeBy) -> None:
    report = grade_by("raise IndexError('a\\x1b[31m mistake')")
    (test,) = report.tests
    assert test.status is Status.ERROR
    assert report.score is None
    assert "\x1b" not in str(test.feedback)


def test_after_an_answer_it_is_the_students_and_the_instructor_is_told(grade_by: GradeBy) -> None:
    report = grade_by("student.double(np.zeros(2))[5]")
    (test,) = report.tests
    assert (test.status, report.score) == (Status.FAILED, 0)
    assert test.feedback is not None
    assert "could not be used" in test.feedback.message
    (note,) = report.notes
    assert "IndexError at test_public.py, line 5" in note


@pytest.mark.parametrize("line", ["undefined_name", "import no_such_module"])
def test_what_no_value_brings_about_is_ours_after_an_answer_too(
    grade_by: GradeBy, line: str
) -> None:
    report = grade_by(f"student.double(1.0)\n{line}")
    assert report.score is None


def test_a_local_name_that_a_loop_over_nothing_leaves_unknown_is_the_students(
    grade_by: GradeBy,
) -> None:
    lines = "for last in student.double([]): pass\nassert last"
    (test,) = grade_by(lines).tests
    assert test.status is Status.FAILED


def test_what_a_test_cannot_send_at_all_is_ours(grade_by: GradeBy) -> None:
    (test,) = grade_by("student.double").tests
    assert test.status is Status.PASSED


@pytest.mark.parametrize("lines", ["while True: pass", "student.apply(lambda x: forever(), 1.0)"])
def test_slow_lines_of_a_test_end_with_its_time(grade_by: GradeBy, lines: str) -> None:
    lines = f"def forever():\n    while True: pass\nstudent.double(1.0)\n{lines}"
    (test,) = grade_by(lines).tests
    assert test.status is Status.FAILED
    assert test.feedback is not None
    assert "too long" in test.feedback.message


def test_slow_lines_are_not_caught_by_the_test(grade_by: GradeBy) -> None:
    lines = "student.double(1.0)\ntry:\n    while True: pass\nexcept Exception:\n    pass"
    (test,) = grade_by(lines).tests
    assert test.status is Status.FAILED


def test_arguments_that_are_fewer_are_not_given_back() -> None:
    class Short:
        def ask(self, kind: str, payload: list, called: str | None = None) -> object:
            return (1.0, [])

    with pytest.raises(MisusedValue, match="did not give its arguments back"):
        Student(Short()).with_arguments(len, 1.0)


# Callbacks


def counted(x: float, calls: list[int] | None = None, *, scale: float = 1.0) -> float:
    if calls is not None:
        calls.append(1)
    return scale * x


@pytest.mark.parametrize(
    ("function", "args", "kwargs"),
    [
        (counted, (1.0, []), {}),
        (counted, (1.0,), {"calls": []}),
        (counted, (1.0,), {"scale": 2.0}),
        (np.sin, (1.0,), {"dtype": "f4"}),
        (np.sin, (1.0, np.zeros(1)), {}),
        (np.add, (1.0, 2.0), {"where": True}),
    ],
)
def test_what_a_function_has_of_its_own_is_not_replaced(
    function: Callable[..., object], args: tuple, kwargs: dict
) -> None:
    with pytest.raises(TypeError):
        Callback(function)(*args, **kwargs)


@pytest.mark.parametrize(
    "args",
    [
        (np.zeros((4000, 1)), np.zeros((1, 4000))),
        (np.zeros((4000, 2)), np.zeros((2, 4000))),
        (np.zeros((0, 1 << 30)), 1.0),
        (2.0, 10**4000),
        ([np.zeros((2000, 1)), {"x": np.zeros((1, 2000))}], 1.0),
    ],
)
def test_arguments_that_multiply_are_refused(args: tuple) -> None:
    with pytest.raises(ValueError, match="too"):
        Callback(lambda a, b: 0.0)(*args)


def test_a_function_gets_what_it_needs() -> None:
    assert Callback(counted)(2.0) == Callback(counted)(x=2.0) == 2.0
    assert Callback(np.add)(1.0, 2.0) == Callback(lambda *both: sum(both))(1.0, 2.0) == 3.0
    assert Callback(np.exp)(np.zeros((1000, 1000))).sum() == 1e6


# Time


def test_a_submission_has_a_time_for_all_its_tests(tmp_path: Path) -> None:
    assignment = load_course(TINY).assignment("tiny")
    assert assignment.submission_s == 6 * assignment.limits.wall_s
    limits = replace(assignment.limits, submission_s=0.5)
    (tmp_path / "tiny.py").write_text(broken("    import time; time.sleep(0.8); return 2 * x\n"))
    submission = load_submission(tmp_path / "tiny.py", "tiny")
    report = grade(Settings(assignment=replace(assignment, limits=limits)), submission)
    first, *others = report.tests
    assert first.status is Status.PASSED
    assert {test.status for test in others} == {Status.NOT_RUN}
    assert all("time for the whole submission" in str(test.feedback) for test in others)
    assert report.score == first.score


HOLDS = """
import numpy as np, time

if hasattr(np, "_loaded"):
    time.sleep(1e6)
np._loaded = True
"""


def test_a_reload_that_hangs_is_tried_once(grade_tiny: Callable[..., Report]) -> None:
    """Each fresh worker loads at once, so that it is kept, and holds the judge when it reloads."""
    report = grade_tiny(HOLDS + SOLUTION, reuse_workers=True)
    assert report.score is not None
    assert report.duration_s < 1.0 + 2.5  # one reload's time


def test_timeouts_are_repeated_once(grade_tiny: Callable[..., Report]) -> None:
    source = broken("    import time; time.sleep(1e6)\n")
    report = grade_tiny(source, reuse_workers=True)
    slow = [test for test in report.tests if test.status is Status.TIMEOUT]
    assert len(slow) == 3
    assert report.duration_s < (len(slow) + 1) * 1.5 + 2.0
