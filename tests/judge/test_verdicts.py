"""What each kind of code earns: one bad test costs that test only, and the rest is graded."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from grader.report.model import Report, Status
from grader.report.serialise import from_dict, to_dict, to_json
from tests.conftest import TINY, Grade

SOLUTION = (TINY / "reference" / "tiny" / "solution.py").read_text()


def statuses(report: Report) -> dict[str, Status]:
    return {test.id: test.status for test in report.tests}


def broken(body: str) -> str:
    """The solution with a `double` of this body."""
    return SOLUTION.replace("    return 2 * x\n", body)


def test_the_solution_gets_everything_but_what_a_test_holds_back(grade_tiny: Grade) -> None:
    report = grade_tiny(SOLUTION)
    assert set(statuses(report).values()) == {Status.PASSED}
    assert report.max_score == 10
    assert report.score == Decimal("9.25")  # test_partly awards half of its 1.5 points
    assert report.isolation["level"] >= 2


def test_the_report_fits_its_schema_and_comes_back_the_same(grade_tiny: Grade) -> None:
    report = grade_tiny(broken("    return x\n"))
    assert from_dict(json.loads(to_json(report))) == report


def test_the_same_seed_gives_the_same_report(grade_tiny: Grade) -> None:
    source = broken("    return x + __import__('random').random()\n")
    first, second = (without_times(to_dict(grade_tiny(source, seed=5))) for _ in range(2))
    assert first == second


def without_times(report: dict) -> dict:
    for problem in report["problems"]:
        for test in problem["tests"]:
            test["duration_s"] = 0
    return {**report, "duration_s": 0, "started_at": ""}


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ("    while True: pass\n", Status.TIMEOUT, "used up its 1.5 s"),
        ("    return [0] * 10**9\n", Status.FAILED, "MemoryError"),
        ("    while True: print('x' * 1000)\n", Status.TIMEOUT, "used up its 1.5 s"),
        ("    import ctypes; ctypes.string_at(0)\n", Status.CRASHED, "segmentation fault"),
        ("    import os; os.abort()\n", Status.CRASHED, "abort"),
        ("    import os; os._exit(0)\n", Status.CRASHED, "exit code 0"),
        ("    raise SystemExit(0)\n", Status.FAILED, "SystemExit"),
        ("    raise KeyboardInterrupt\n", Status.FAILED, "KeyboardInterrupt"),
        ("    import os; os.fork()\n", Status.FAILED, "PermissionError"),
        (
            "    import os; os.kill(os.getppid(), 9)\n    return x\n",
            Status.FAILED,
            "PermissionError",
        ),
        ("    open('big', 'wb').write(bytes(4 << 20))\n", Status.FAILED, "OSError"),
        ("    def f(): f()\n    f()\n", Status.FAILED, "RecursionError"),
        ("    return (i for i in range(3))\n", Status.FAILED, "generator"),
        ("    return None\n", Status.FAILED, "None"),
    ],
)
def test_a_bad_function_costs_its_own_tests_only(
    grade_tiny: Grade, body: str, status: Status, words: str
) -> None:
    report = grade_tiny(broken(body))
    found = statuses(report)
    feedback = report.problems[0].tests[0].feedback
    assert found["test_double_of_a_number"] == status, feedback
    assert words in str(feedback)
    assert found["test_counter_counts"] == found["test_apply_calls_back"] == Status.PASSED
    assert report.score == Decimal("3.5")


def test_processor_time_is_bounded_apart_from_wall_time(grade_tiny: Grade) -> None:
    threads = (
        "    import threading\n"
        "    def spin():\n"
        "        while True: pass\n"
        "    import numpy as np, time\n"
        "    while True: np.sort(np.random.rand(100_000))\n"
    )
    report = grade_tiny(broken(threads))
    assert statuses(report)["test_double_of_a_number"] is Status.TIMEOUT


def test_state_does_not_leak_between_tests(grade_tiny: Grade) -> None:
    source = broken("    return 2 * x if state['calls'] == 1 else None\n")
    found = statuses(grade_tiny(source))
    assert found["test_double_of_a_number"] is found["test_double_of_an_array"] is Status.PASSED


def test_files_do_not_leak_between_tests(grade_tiny: Grade) -> None:
    body = (
        "    import os\n"
        "    seen = os.path.exists('left')\n"
        "    open('left', 'w').close()\n"
        "    return None if seen else 2 * x\n"
    )
    assert statuses(grade_tiny(broken(body)))["test_double_of_an_array"] is Status.PASSED


def test_a_syntax_error_is_shown_with_its_line_and_the_rest_is_not_run(grade_tiny: Grade) -> None:
    report = grade_tiny("x = 1\ndef double(x:\n    return x\n")
    first, *rest = report.tests
    assert first.status is Status.FAILED
    assert first.feedback is not None
    assert first.feedback.place is not None
    assert (first.feedback.place.line, first.feedback.place.source) == (2, "def double(x:")
    assert {test.status for test in rest} == {Status.NOT_RUN}
    assert report.score == 0


def test_an_import_that_hangs_is_tried_once(grade_tiny: Grade) -> None:
    report = grade_tiny("while True: pass\n")
    first, *rest = report.tests
    assert first.status is Status.TIMEOUT
    assert {test.status for test in rest} == {Status.NOT_RUN}
    assert report.duration_s < 8


def test_output_is_shown_for_public_tests_and_bounded(grade_tiny: Grade) -> None:
    report = grade_tiny(broken("    print('seen\\x1b[2J' + 'y' * 10_000)\n    return 0\n"))
    public, hidden = report.tests[:2]
    assert public.output.startswith("seen\\x1b[2J")
    assert len(public.output) < 5_000
    assert hidden.output == ""


def test_what_a_hidden_test_was_given_is_not_told(grade_tiny: Grade) -> None:
    report = grade_tiny(broken("    print(x)\n    raise ValueError(f'secret {x}')\n"))
    public, hidden = report.tests[:2]
    assert "secret 2.0" in str(public.feedback)
    assert hidden.output == ""
    assert hidden.feedback is not None
    assert hidden.feedback.exception == "ValueError"
    revealed = grade_tiny(broken("    raise ValueError(f'secret {x}')\n"), reveal=True)
    assert "ValueError: secret" in str(revealed.tests[1].feedback)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("overflow encountered in exp", True),
        ("divide by zero encountered in log", True),
        ("invalid value encountered in scalar divide", True),
        ("overflow encountered in 2.0", False),
        ("overflow encountered in exp: 2.0", False),
        ("2.0 encountered in exp", False),
        ("overflow encountered in secret", False),
    ],
)
def test_of_a_hidden_test_numpys_own_warnings_are_shown_and_no_forged_ones(
    grade_tiny: Grade, words: str, shown: bool
) -> None:
    report = grade_tiny(broken(f"    raise RuntimeWarning({words!r})\n"))
    public, hidden = report.tests[:2]
    assert words in str(public.feedback)
    assert hidden.feedback is not None
    assert hidden.feedback.exception == (f"RuntimeWarning: {words}" if shown else "RuntimeWarning")
    assert ("np.where" in str(hidden.feedback.hint)) is shown


def test_numpy_says_what_is_allowed_to_be_shown(grade_tiny: Grade) -> None:
    body = (
        "    import warnings, numpy as np\n"
        "    warnings.simplefilter('error')\n"
        "    return np.exp(1000.0 + 0 * np.ones(3))\n"
    )
    feedback = grade_tiny(broken(body)).tests[1].feedback
    assert feedback is not None
    assert feedback.exception == "RuntimeWarning: overflow encountered in exp"


def test_missing_names_are_named(grade_tiny: Grade) -> None:
    report = grade_tiny("def double(x):\n    return 2 * x\n")
    feedback = report.problems[1].tests[0].feedback
    assert feedback is not None
    assert feedback.message == "Counter is not defined in the submission"


def test_a_starter_says_not_written_yet(grade_tiny: Grade) -> None:
    report = grade_tiny("def double(x):\n    raise NotImplementedError('Problem 1: double')\n")
    feedback = report.tests[0].feedback
    assert feedback is not None
    assert feedback.message == "not written yet"


def test_one_problem_only(grade_tiny: Grade) -> None:
    report = grade_tiny(SOLUTION, problems=("1",))
    assert [problem.id for problem in report.problems] == ["1"]
    assert report.max_score == 5


def test_another_seed_gives_other_inputs(grade_tiny: Grade) -> None:
    source = broken("    return x\n")
    got = [str(grade_tiny(source, seed=seed).tests[1].feedback) for seed in (1, 2)]
    assert got[0] != got[1]


def test_a_notebook_cell_that_fails_does_not_stop_the_next(grade_tiny: Grade) -> None:
    cells = ["%matplotlib inline\nimport numpy as np", "1 / 0", SOLUTION]
    report = grade_tiny(notebook(cells), name="tiny.ipynb")
    assert report.score == Decimal("9.25")
    assert any("cell 2, line 1 failed: ZeroDivisionError" in note for note in report.notes)


def notebook(cells: list[str]) -> str:
    return json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {},
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"c{i}",
                    "metadata": {},
                    "execution_count": None,
                    "outputs": [],
                    "source": source,
                }
                for i, source in enumerate(cells)
            ],
        }
    )


def test_a_plotting_notebook_uses_a_headless_backend(grade_tiny: Grade) -> None:
    pytest.importorskip("matplotlib")
    plot = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nplt.savefig('p.png')"
    report = grade_tiny(notebook([plot, SOLUTION]), name="tiny.ipynb")
    assert report.notes == ()
    assert report.score == Decimal("9.25")


def test_helper_modules_and_data_beside_the_submission_are_there(
    grade_tiny: Grade, tmp_path: Path
) -> None:
    (tmp_path / "helper.py").write_text("FACTOR = 2\n")
    (tmp_path / "numpy.py").write_text("raise RuntimeError('not numpy')\n")
    from grader.course.manifest import load_course
    from grader.judge.run import Settings, grade
    from grader.submission import load_submission

    (tmp_path / "tiny.py").write_text(
        "import numpy\nfrom helper import FACTOR\ndef double(x):\n    return FACTOR * x\n"
    )
    assignment = load_course(TINY).assignment("tiny")
    report = grade(Settings(assignment=assignment), load_submission(tmp_path, "tiny"))
    assert report.problems[0].score == 5


def test_where_a_test_itself_failed_is_for_instructors_only(tmp_path: Path) -> None:
    from grader.course.manifest import load_course
    from grader.judge.run import Settings, grade
    from grader.submission import load_submission

    shutil.copytree(TINY, tmp_path / "course")
    (hidden,) = (tmp_path / "course").glob("reference/tiny/tests/test_*.py")
    text = hidden.read_text().replace("    counter = student.Counter()", "    counter = 1 / 0")
    hidden.write_text(text)
    line = text[: text.index("1 / 0")].count("\n") + 1
    (tmp_path / "tiny.py").write_text(SOLUTION)
    settings = Settings(assignment=load_course(tmp_path / "course").assignment("tiny"))
    submission = load_submission(tmp_path / "tiny.py", "tiny")
    messages = [
        [test.feedback.message for test in grade(run, submission).errors if test.feedback]
        for run in (settings, replace(settings, reveal=True))
    ]
    words, division = "the test's own code failed", "ZeroDivisionError: division by zero"
    assert messages == [
        [f"{words}: {division}"],
        [f"{words} at {hidden.name}, line {line}: {division}"],
    ]
