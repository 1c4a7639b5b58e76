"""What to do about a usual mistake is said; of a hidden test nothing that a submission chose."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.report.model import Feedback, Report, Status, TestResult
from tests.conftest import Grade
from tests.judge.test_verdicts import SOLUTION, broken

PUBLIC, HIDDEN = "test_double_of_a_number", "test_double_of_an_array"


def found(report: Report, name: str = PUBLIC) -> tuple[TestResult, Feedback]:
    test = next(test for test in report.tests if test.id == name)
    assert test.feedback is not None
    return test, test.feedback


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ("    2 * x\n", "is a `return` missing"),
        ("    y = None\n    return y * x\n", "lack a `return`"),
        (
            "    import breakfast\n",
            "breakfast is not there where this is graded: tiny may use numpy",
        ),
        ("    import breakfast\n", "breakfast.py of your own must lie beside tiny.py"),
        ("    breakpoint()\n    return 2 * x\n", "Take breakpoint() out, or run with --debug"),
        ("    import pdb; pdb.set_trace()\n    return 2 * x\n", "Take breakpoint() out"),
        ("    return 2 * float(input())\n", "Nobody is there to answer input()"),
        ("    exit()\n", "Do not call exit()"),
    ],
)
def test_a_usual_mistake_has_its_remedy(grade_tiny: Grade, body: str, hint: str) -> None:
    report = grade_tiny(broken(body))
    for name in (PUBLIC, HIDDEN):
        assert hint in str(found(report, name)[1].hint), name


def test_a_name_that_was_misspelt_is_found(grade_tiny: Grade) -> None:
    report = grade_tiny(SOLUTION.replace("def double", "def doubel"))
    for name in (PUBLIC, HIDDEN):
        feedback = found(report, name)[1]
        assert feedback.message == "double is not defined in the submission"
        assert feedback.hint == "You have doubel: the handout writes double."
        assert feedback.called is None


def test_a_name_like_no_other_has_no_hint(grade_tiny: Grade) -> None:
    for other in ("softmax", "dou", "do_a_double"):  # a part of the name is no misspelling of it
        report = grade_tiny(f"def {other}(x):\n    return x\n")
        assert found(report)[1].hint is None


def test_a_module_that_stands_nowhere_in_the_source_is_not_repeated(grade_tiny: Grade) -> None:
    """A hidden test's inputs could be written into the name."""
    body = (
        "    name = 'a' + 'b' * 3\n    raise ModuleNotFoundError(f\"No module named '{name}'\")\n"
    )
    report = grade_tiny(broken(body))
    assert "abbb" not in str(found(report, HIDDEN)[1])


def test_an_endless_loop_is_shown_with_its_line(grade_tiny: Grade) -> None:
    body = "    while True:\n        x = x + 0\n"
    at = broken(body).splitlines().index("    while True:") + 1
    for name in (PUBLIC, HIDDEN):
        test, feedback = found(grade_tiny(broken(body)), name)
        assert test.status is Status.TIMEOUT
        assert feedback.place is not None
        assert feedback.place.line in (at, at + 1)
        assert f"it was in line {feedback.place.line} (function double)" in feedback.message


def test_an_endless_loop_in_a_helper_is_shown_at_the_call(
    tmp_path: Path, grade_tiny: Grade
) -> None:
    (tmp_path / "helper.py").write_text("def forever():\n    while True:\n        pass\n")
    source = "import helper\n" + broken("    return helper.forever()\n")
    place = found(grade_tiny(source))[1].place
    assert place is not None
    assert place.source == "return helper.forever()"


def test_a_place_that_is_none_of_the_submissions_is_not_believed(grade_tiny: Grade) -> None:
    """The worker that tells where the code stands runs that code."""
    body = (
        "    import sys\n"
        "    faults = sys.modules['grader.worker.watch']\n"
        "    faults.own_place = lambda frame: [0, 99999, '\\x1b[2J']\n"
        "    while True: pass\n"
    )
    test, feedback = found(grade_tiny(broken(body)))
    assert test.status is Status.TIMEOUT
    assert feedback.place is None
    assert "\x1b" not in str(feedback)


def test_code_that_takes_the_timer_away_is_stopped_all_the_same(grade_tiny: Grade) -> None:
    body = (
        "    import signal\n"
        "    signal.signal(signal.SIGALRM, signal.SIG_IGN)\n"
        "    while True: pass\n"
    )
    assert found(grade_tiny(broken(body)))[0].status is Status.TIMEOUT


def test_numbers_of_a_public_test_are_shown_as_written(grade_tiny: Grade) -> None:
    report = grade_tiny(broken("    return x\n"))
    assert found(report)[1].called == "double(2.0)"
    assert "array of shape (4, 3)" in str(found(report, HIDDEN)[1].called)
