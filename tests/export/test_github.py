"""Job summary, annotations and the reporter's payload; a submission's text commands nothing."""

from __future__ import annotations

import base64
import json
from decimal import Decimal

import jsonschema
import pytest

from grader.export import actions, classroom, github_annotations, github_summary
from grader.export.model import Context, Source
from grader.report.model import Feedback, Report
from tests.export.readers import obeyed, reporter
from tests.export.reports import (
    ALL_PASSED,
    HOSTILE,
    HOSTILE_REPORT,
    MIXED,
    REPORTS,
    UNREADABLE,
    VAST,
    WITHHELD,
    a_report,
    failed,
    passed,
)
from tests.export.schemas import REPORTER

EVERY = pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS.keys())
TEXT = """import numpy


def f(x, y):
    pass


class Net:
    def backward(self):
        pass


class Layer:
    def backward(self):
        pass
"""
SOURCE = Source(path="work/hw3.py", text=TEXT)


@EVERY
def test_annotations_are_all_that_is_obeyed(report: Report) -> None:
    text = github_annotations.emit(report, Context(source=SOURCE))
    commands = obeyed(text)
    assert len(commands) == len(text.splitlines())
    assert {command.name for command in commands} <= {"error", "warning", "notice"}
    assert all(set(command.properties) <= {"file", "line", "title"} for command in commands)


def test_annotations_point_to_the_students_lines() -> None:
    commands = obeyed(github_annotations.emit(MIXED, Context(source=SOURCE)))
    errors = [command for command in commands if command.name == "error"]
    at = [(c.properties["file"], c.properties.get("line")) for c in errors]
    assert at == [("work/hw3.py", line) for line in ("4", "12", None, None)]
    assert "ValueError: shapes" in errors[1].message  # line 12 raised, line 4 defines f
    assert errors[1].properties["title"] == "Problem 1: 2 points lost"
    assert commands[-1].message == "2.75 of 13.5 points, 6 of 7 tests lost points"
    assert "1 test did not run" in commands[-2].message


def test_there_are_no_more_errors_than_github_shows() -> None:
    many = a_report(
        tuple(failed(f"test_{i}", feedback=Feedback(message="f", called="f(x)")) for i in range(9)),
        tuple(failed(f"test_more_{i}") for i in range(9)),
    )
    lines = {f"g{i}": f"def g{i}(): ..." for i in range(20)}
    scattered = a_report(
        tuple(failed(f"test_{n}", feedback=Feedback(message="f", called=f"{n}(x)")) for n in lines)
    )
    assert (
        len(obeyed(github_annotations.emit(many, Context(source=SOURCE)))) == 3
    )  # f, the rest, all
    source = Source(path="hw3.py", text="\n".join(lines.values()))
    commands = obeyed(github_annotations.emit(scattered, Context(source=source)))
    assert sum(command.name == "error" for command in commands) == 10
    assert "10 more tests lost points" in commands[-2].message


@pytest.mark.parametrize(
    ("called", "message", "line"),
    [
        ("f(x, y=2)", "", 4),
        ("student.f(x)", "", 4),
        ("Net.backward(x)", "", 9),
        ("Layer.backward(x)", "", 14),
        ("Net.forward(x)", "", 8),
        ("Net()", "", 8),
        ("backward of a layer", "Layer.grad_W is not right", None),
        ("gradients", "MyNet.grad_W is not right", None),
        ("Net gradients", "", 8),
        ("g(x)", "", None),
        ("(((", "", None),
        ("", "", None),
        ("f" * 5000, "x_y" * 5000, None),
    ],
)
def test_where_a_function_is_defined(called: str, message: str, line: int | None) -> None:
    assert github_annotations.definition_line(SOURCE.text, called, message) == line


def test_without_a_line_tests_are_told_by_problem() -> None:
    two = a_report(
        (failed("test_a"), failed("test_b")),
        (failed("test_c", problem="2", feedback=Feedback(message="big_net is wrong")),),
    )
    source = Source(path="hw3.py", text="def big_net():\n    pass\n")
    titles = [
        (c.properties["title"], c.properties.get("line"))
        for c in obeyed(github_annotations.emit(two, Context(source=source)))[:2]
    ]
    assert titles == [("Problem 2: 2 points lost", "1"), ("Problem 1: 4 points lost", None)]


def test_a_withheld_total_is_told_as_such() -> None:
    text = github_annotations.emit(WITHHELD, Context())
    assert "Not graded" in text
    assert "points," not in text
    summary = github_summary.emit(WITHHELD, Context())
    assert "**No total.**" in summary
    assert "withheld / 6" in summary
    told = reporter("grade", {"GRADE_RESULTS": classroom.emit(WITHHELD, Context())})
    assert told.annotation is None
    assert told.failed


@EVERY
def test_the_summary_holds_no_markup_but_its_own(report: Report) -> None:
    text = github_summary.emit(report, Context())
    assert not obeyed(text)
    for bad in ("<script", "](", "![", "@everyone", "# heading", "http://", "<!--", "$math"):
        assert bad not in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert all(line.count("|") == 4 for line in rows)
    assert text.count("<pre>") == text.count("</pre>")


def test_the_summary_says_where_points_are_missing() -> None:
    text = github_summary.emit(MIXED, Context())
    assert "**2.75 / 13.5 points**" in text
    assert "ValueError&#58; shapes" in text
    assert "return x &#64; w" in text
    assert "30 more points are in hidden tests" in text
    assert "### Not run" in text
    assert "### Not run" in github_summary.emit(UNREADABLE, Context())


def test_a_summary_is_never_larger_than_github_takes() -> None:
    loud = a_report(tuple(failed(f"test_{i}", output="<" * 60_000) for i in range(200)))
    text = github_summary.emit(loud, Context())
    assert len(text.encode()) < 1 << 20
    assert "More tests lost points" in text


@EVERY
def test_the_reporter_takes_the_payload(report: Report) -> None:
    text = classroom.emit(report, Context())
    assert text.count("\n") == 1
    value = json.loads(base64.b64decode(text))
    jsonschema.validate(value, REPORTER, cls=jsonschema.Draft202012Validator)
    told = reporter("grade", {"GRADE_RESULTS": text.strip()})
    assert not obeyed(told.log)
    assert told.failed == (report is not ALL_PASSED)
    if report.score is not None:
        assert told.annotation == (float(report.score), report.max_score)


def test_the_reporters_two_totals() -> None:
    told = reporter("grade", {"GRADE_RESULTS": classroom.emit(MIXED, Context())})
    assert told.annotation == (2.75, 13.5)  # the points
    assert told.table == (1 / 7 * 13.5, 13.5)  # counts tests: its way, for all graders


@pytest.mark.parametrize("points", ["0.1", "0.7", "33.33", "0.01", "14.29"])
def test_the_sum_is_never_above_the_maximum(points: str) -> None:
    for count in (3, 7, 30, 100):
        tests = tuple(passed(f"test_{i}", max_score=Decimal(points)) for i in range(count))
        report = a_report(tests)
        told = reporter("grade", {"GRADE_RESULTS": classroom.emit(report, Context())})
        assert told.annotation is not None
        total, maximum = told.annotation
        assert total <= maximum
        assert total == pytest.approx(maximum, rel=1e-12)


def test_the_payload_fits_into_an_environment_variable() -> None:
    wordy = Feedback(message="x" * 400, expected="y" * 400, got="z" * 400, hint="h" * 400)
    report = a_report(tuple(failed(f"test_{i}", feedback=wordy) for i in range(120)))
    assert len(classroom.emit(report, Context())) < 128 * 1024
    text = classroom.emit(VAST, Context())
    assert len(text) < 128 * 1024
    told = reporter("grade", {"GRADE_RESULTS": text.strip()})
    assert told.annotation == (0, 500)


@pytest.mark.parametrize(
    "text", ["", "a", HOSTILE, "::error::x", " ::error::x\n##[error]x", "\r::x::"]
)
def test_inert_text_commands_nothing(text: str) -> None:
    for hidden in ("", "\u200b", "\u034f", "\t "):
        assert not obeyed(actions.inert(hidden + text))


def test_a_command_carries_any_text_back_and_forth() -> None:
    (command,) = obeyed(actions.command("error", HOSTILE, {"file": "a,b:c.py", "title": HOSTILE}))
    assert command.properties["file"] == "a,b:c.py"
    assert command.properties["title"] == HOSTILE.replace("#[", "# [")
    assert command.message == HOSTILE.replace("#[", "# [")


def test_the_reader_used_here_does_obey_the_hostile_text() -> None:
    """Else these tests would pass for the wrong reason."""
    assert {command.name for command in obeyed(HOSTILE)} == {"error", "set-output"}
    assert not obeyed(f"::stop-commands::abc\n{HOSTILE}\n::abc::")
    assert HOSTILE_REPORT.submission == HOSTILE
