"""A new course audits clean in full; with one thing broken, the check that is for it says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.audit.desk import FULL, Effort
from grader.audit.model import CheckResult
from grader.audit.run import CHECKS, audit
from grader.course.manifest import Course, load_course
from grader.errors import CourseError, UsageError

Check = Callable[..., CheckResult]
Edit = Callable[[str, str, str], None]

HIDDEN = "reference/neuron/tests/test_hidden.py"
SOLUTION = "reference/neuron/solution.py"
MANIFEST = "assignments/neuron/assignment.toml"
EVERY_MUTANT = Effort(mutants=None)


def words(check: CheckResult) -> str:
    return "\n".join(f"{finding.subject}: {finding.message}" for finding in check.findings)


@pytest.mark.slow
def test_the_new_course_is_fit_in_full(template_course: Path) -> None:
    found = audit(load_course(template_course).assignment("neuron"), effort=FULL)
    assert [check.name for check in found.checks] == list(CHECKS)
    assert [(check.name, words(check)) for check in found.checks if check.findings] == []
    assert found.fit
    assert not found.sampled
    facts = {check.name: check.facts for check in found.checks}
    assert facts["mutants"]["score"] == 1.0
    assert len(facts["mutants"]["equivalent"]) == 2
    assert facts["giveaway"]["public_tests_replayed"] == 3


def test_a_starter_that_earns_points_is_found(run_check: Check, edit: Edit) -> None:
    edit(HIDDEN, '    quiz.check("q1")\n', "    pass\n")
    check = run_check("starter")
    assert not check.fit
    assert "neuron.py: earns points in test_quiz_q1" in words(check)


def test_a_starter_out_of_date_is_found(run_check: Check, edit: Edit) -> None:
    edit("assignments/neuron/neuron.py", "Write each function", "Write every function")
    check = run_check("starter")
    assert "neuron.py: out of date" in words(check)
    assert not check.fit


def test_a_starter_that_does_not_load_is_found(run_check: Check, edit: Edit) -> None:
    edit(
        SOLUTION,
        "quiz_answers = {\n",
        "fit(np.ones((1, 1)), np.ones(1), 0.1, 1)\nquiz_answers = {\n",
    )
    check = run_check("starter")
    assert not check.fit
    assert "NotImplementedError" in words(check)


def test_tests_that_are_not_in_the_manifest_are_found(run_check: Check, edit: Edit) -> None:
    edit(HIDDEN, "", "\n\ndef test_forgotten(student):\n    pass\n")
    edit("assignments/neuron/tests/test_public.py", "", "\n\ndef test_shown(student):\n    pass\n")
    check = run_check("manifest")
    assert not check.fit
    assert "test_shown is not in assignment.toml: it does not run" in words(check)
    assert re.search(r"tests/test_hidden.py:\d+: test_forgotten is not in", words(check))
    assert check.tried - check.held == 2


def test_a_test_that_fails_on_some_seed_is_found(run_check: Check, edit: Edit) -> None:
    edit(
        HIDDEN,
        "    X, t = rng.normal(size=(8, 2))",
        "    assert rng.random() < 0.6\n    X, t = rng.normal(size=(8, 2))",
    )
    check = run_check("reference", Effort(seeds=6))
    assert not check.fit
    assert 0 < check.held < 6
    assert "test_fit_finds_the_line" in words(check)


def test_a_correct_solution_that_loses_is_found(run_check: Check, edit: Edit) -> None:
    edit("reference/neuron/correct/loops.py", "/ 2\n", "\n")
    check = run_check("correct")
    assert not check.fit
    assert "loops, seed 0: test_loss_of_two_samples: failed" in words(check)


def test_a_wrong_solution_that_keeps_points_is_found(run_check: Check, edit: Edit) -> None:
    edit(
        "reference/neuron/wrong.toml",
        'loses = ["test_fit_finds_the_line"]\n[[wrong.edit]]\nfind = "w = w',
        'loses = ["test_fit_finds_the_line", "test_quiz_q1"]\n[[wrong.edit]]\nfind = "w = w',
    )
    check = run_check("wrong")
    assert not check.fit
    assert "uphill, seed 0: keeps all points of test_quiz_q1" in words(check)


def test_a_test_that_trips_over_garbage_is_found(run_check: Check, edit: Edit) -> None:
    edit(
        HIDDEN,
        'pair(student.gradient(X, t, w, b), "what gradient returns")',
        "student.gradient(X, t, w, b)",
    )
    check = run_check("garbage", Effort(garbage=40))
    assert not check.fit
    assert "test_gradient_is_the_derivative ended in an error, not in a verdict" in words(check)


def test_points_for_garbage_are_found(run_check: Check, edit: Edit) -> None:
    line = "    X, w, b = rng.normal(size=(5, 3))"
    edit(HIDDEN, line, f"    student.predict(np.ones((1, 1)), np.ones(1), 0.0)\n    return\n{line}")
    check = run_check("garbage", Effort(garbage=40))
    assert not check.fit
    assert "earns points in test_predict_of_any_shape" in words(check)


def test_mutants_that_no_test_notices_are_shown(run_check: Check, edit: Edit) -> None:
    for name, value in (("weights", "w, w"), ("bias", "b, float(b)")):
        line = f'    assert_close(found_{value}, what="the {name} after 12 steps", rtol=1e-9)\n'
        edit(HIDDEN, line, "")
    check = run_check("mutants", EVERY_MUTANT)
    assert not check.fit
    assert check.facts["score"] < 0.95
    diffs = [finding.diff for finding in check.findings]
    assert "- w = w - step_size * dw\n+ w = w + step_size * dw" in diffs


def test_a_mark_must_match_a_mutant_that_survives(run_check: Check, edit: Edit) -> None:
    marks = [
        ("w, b = np.zeros(X.shape[1]), 0.0", "w, b = np.zeros(X.shape[1]), 1.0"),
        ("gone = 1", "gone = 2"),
    ]
    for line, mutant in marks:
        text = f'\n[[equivalent]]\nline = "{line}"\nmutant = "{mutant}"\nreason = "Who knows."\n'
        edit("reference/neuron/equivalent.toml", "", text)
    check = run_check("mutants", EVERY_MUTANT)
    assert not check.fit
    assert "is not equivalent: test_fit_finds_the_line tells it from the reference" in words(check)
    assert "mark 4 (line 'gone = 1', mutant 'gone = 2'): marks no mutant" in words(check)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[equivalent]]\nline = 'a'\n", "`reason` must say"),
        ("[[equivalent]]\nreason = 'a'\n", "must say where"),
        ("[[equivalent]]\nreason = 'a'\nfunction = 'fit'\n", "must say where"),
        ("[[equivalent]]\nreason = 'a'\nlines = 'b'\n", "unknown key 'lines'"),
        ("[[equivalent]]\nreason = 1\nline = 'b'\n", "must have a text"),
        ("equivalent = 1\n", "must hold"),
        ("[[", "cannot be read"),
    ],
)
def test_malformed_marks_are_refused(
    run_check: Check, course: Path, text: str, message: str
) -> None:
    (course / "reference/neuron/equivalent.toml").write_text(text)
    with pytest.raises(CourseError, match=message):
        run_check("mutants")


def test_too_small_a_budget_is_found(run_check: Check, edit: Edit) -> None:
    edit(MANIFEST, "time_budget_s = 2 ", "time_budget_s = 0.01 ")
    check = run_check("times")
    assert not check.fit
    assert "time_budget_s is 0.01" in words(check)


def test_too_small_a_limit_is_found(run_check: Check, edit: Edit) -> None:
    edit(
        HIDDEN,
        '    """Twelve steps give',
        '    import time; time.sleep(0.5)\n    """Twelve steps give',
    )
    edit(MANIFEST, "wall_s = 5.0", "wall_s = 1.2")
    check = run_check("times")
    assert "test_fit_finds_the_line: takes" in words(check)


def test_hidden_tests_that_ask_what_public_ones_ask_are_found(run_check: Check, edit: Edit) -> None:
    edit(
        HIDDEN,
        "    X, w, b = rng.normal(size=(5, 3)), rng.normal(size=3), float(rng.normal())\n",
        "    X, w, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, -1.0]), 2.0\n",
    )
    check = run_check("giveaway")
    assert not check.fit
    assert "test_predict_of_any_shape: its points are earned by the answers" in words(check)


def test_what_is_private_in_a_public_file_is_found(run_check: Check, edit: Edit) -> None:
    edit("assignments/neuron/handout.md", "", "\n    dw, db = gradient(X, t, w, b)\n")
    edit("assignments/neuron/handout.md", "", "\nThe seed is 7123456.\n")
    test = "\n\ndef test_fit_finds_the_line():\n    pass\n"
    edit("assignments/neuron/figures/notes.svg", "", f"<!-- {test} -->")
    edit(HIDDEN, "", "\n\nNUMBER = 0.1234567\n")
    edit("assignments/neuron/handout.md", "", "\nThe answer is 0.1234567 or so.\n")
    found = words(run_check("giveaway"))
    assert re.search(r"handout\.md:\d+: gives away a line of the solution", found)
    assert "gives away the course's seed" in found
    assert "gives away the hidden test test_fit_finds_the_line" in found
    assert "the number 0.1234567 is also in assignments/neuron/handout.md" in found


def test_an_audit_needs_the_reference_and_a_suite_that_runs(
    course: Path, edit: Edit, tiny_course: Course
) -> None:
    edit(HIDDEN, "", "\n\nraise RuntimeError('broken')\n")
    with pytest.raises(CourseError, match="agree with its manifest: : broken"):
        audit(load_course(course).assignment("neuron"), judges=1)
    (course / "reference").rename(course / "elsewhere")
    with pytest.raises(UsageError, match="no reference/neuron here"):
        audit(load_course(course).assignment("neuron"), judges=1)


def test_what_a_homework_lacks_is_found(tiny_course: Course) -> None:
    found = audit(
        tiny_course.assignment("tiny"), effort=Effort(seeds=1), only=["correct", "wrong"], judges=1
    )
    assert [check.fit for check in found.checks] == [False, False]
    assert "holds no other correct solution" in words(found.checks[0])
    assert "holds no wrong solution" in words(found.checks[1])
