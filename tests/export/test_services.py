"""Gradescope, PrairieLearn, CTRF, JUnit and Classroom 50: each by its reader's own rules."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from grader.errors import UsageError
from grader.export import classroom50, ctrf, gradescope, junit, prairielearn
from grader.export.model import Context, NotGraded
from grader.report.model import Report
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
from tests.export.schemas import CLASSROOM50, CTRF, GRADESCOPE, PRAIRIELEARN

GRADED = {name: report for name, report in REPORTS.items() if name != "withheld"}
EVERY = pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS.keys())
EVERY_GRADED = pytest.mark.parametrize("report", GRADED.values(), ids=GRADED.keys())
NONE = Context()

RUNNER = {
    "CLASSROOM": "cs-test",
    "ASSIGNMENT": "hw3",
    "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d",
    "USERNAME": "alice",
    "OWNER": "alice",
    "ASSIGNMENT_TYPE": "individual",
    "COMMIT_URL": "https://example.org/c",
    "RELEASE_URL": "https://example.org/r",
    "REVIEW_URL": "https://example.org/v",
    "GITHUB_ACTOR": "alice",
    "GITHUB_ACTOR_ID": "12",
}


def valid(text: str, schema: dict[str, Any]) -> Any:
    value = json.loads(text)
    jsonschema.validate(value, schema, cls=jsonschema.Draft202012Validator)
    return value


@EVERY_GRADED
def test_gradescope_takes_the_results(report: Report) -> None:
    value = valid(gradescope.emit(report, NONE), GRADESCOPE)
    assert Decimal(str(value["score"])) == report.score
    assert sum(Decimal(str(t["max_score"])) for t in value["tests"]) == report.max_score
    assert sum(Decimal(str(t["score"])) for t in value["tests"]) == report.score
    assert len(value["tests"]) == len(report.tests)


def test_gradescope_says_why_and_where() -> None:
    tests = json.loads(gradescope.emit(MIXED, NONE))["tests"]
    assert [t["number"] for t in tests] == ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4"]
    assert [t["status"] for t in tests] == ["passed"] + ["failed"] * 6
    assert "at: hw3.py, line 12" in tests[2]["output"]
    assert tests[4]["output"].endswith("printed:\nline 1\nline 2")


def test_nothing_is_escaped_twice_or_left_raw_in_gradescopes_text() -> None:
    value = json.loads(gradescope.emit(HOSTILE_REPORT, NONE))
    assert {value["output_format"], value["test_output_format"]} == {"text"}
    text = value["output"] + value["tests"][0]["output"] + value["tests"][0]["name"]
    assert "\x1b" not in text
    assert "<script>" in text  # the format is text: Gradescope shows it as it is


def test_a_withheld_total_is_never_a_score() -> None:
    for emit in (gradescope.emit, classroom50.emit):
        with pytest.raises(NotGraded) as refused:
            emit(WITHHELD, Context(environment=RUNNER))
        assert refused.value.exit_code == 3
    value = valid(prairielearn.emit(WITHHELD, NONE), PRAIRIELEARN)
    assert value["gradable"] is False
    assert "score" not in value


METADATA: dict[str, Any] = {
    "id": 5,
    "created_at": "2026-10-03T01:09:30.365935-07:00",
    "users": [{"email": "ada@example.org", "id": 7, "name": "Ada"}],
    "assignment": {
        "due_date": "2026-10-02T23:00:00.000000-07:00",
        "late_due_date": None,
        "total_points": "100.0",
    },
    "previous_submissions": [
        {"submission_time": "2026-10-02T09:00:00.000000-07:00", "score": 55.5},
        {"submission_time": "2026-10-01T09:00:00.000000-07:00", "score": None},
    ],
}


def with_metadata(tmp_path: Path, **changes: Any) -> gradescope.Metadata:
    path = tmp_path / "submission_metadata.json"
    path.write_text(json.dumps({**METADATA, **changes}))
    return gradescope.read_metadata(path)


def test_lateness_is_of_the_handing_in_never_of_the_clock(tmp_path: Path) -> None:
    late = with_metadata(tmp_path)
    assert late.late_by == timedelta(hours=2, minutes=9, seconds=30, microseconds=365935)
    value = gradescope.results(MIXED, late)
    assert "late by 2 h 9 min." in value["output"]
    assert value["extra_data"]["late_by_s"] == 7770
    assert value["score"] == 2.75  # what lateness costs is the instructor's to say
    in_time = with_metadata(tmp_path, created_at="2026-10-02T22:59:59-07:00")
    assert "in time" in gradescope.results(MIXED, in_time)["output"]


def test_an_extension_of_the_students_own_counts(tmp_path: Path) -> None:
    own = {"id": 7, "assignment": {"due_date": "2026-10-05T23:00:00-07:00"}}
    assert with_metadata(tmp_path, users=[own]).late_by == timedelta(0)


def test_earlier_submissions_are_listed_the_oldest_first(tmp_path: Path) -> None:
    output = gradescope.results(MIXED, with_metadata(tmp_path))["output"]
    first, second = output.split("2 earlier submissions:\n")[1].split("\n")[:2]
    assert "2026-10-01" in first
    assert "no score" in first
    assert "55.5 points" in second


@pytest.mark.parametrize(
    "changes",
    [
        {"created_at": None},
        {"created_at": "yesterday"},
        {"assignment": None},
        {"assignment": {"due_date": 5}},
        {"previous_submissions": [None, {}, {"score": "NaN"}]},
        {"previous_submissions": "none"},
        {"users": [None, {"assignment": 3}]},
    ],
)
def test_metadata_with_parts_missing_is_read(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert gradescope.results(MIXED, with_metadata(tmp_path, **changes))["score"] == 2.75


@pytest.mark.parametrize("content", ["", "[]", "{", "\x00", "[" * 50_000, None])
def test_metadata_that_cannot_be_read_costs_no_grade(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "submission_metadata.json"
    if content is not None:
        path.write_text(content)
    text = gradescope.emit(MIXED, Context(environment={"GRADESCOPE_METADATA": str(path)}))
    value = valid(text, GRADESCOPE)
    assert value["score"] == 2.75
    assert "Note: whether this was late is not known: submission_metadata.json" in value["output"]
    assert value["extra_data"]["late_by_s"] is None


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ({"created_at": None}, False),
        ({"created_at": "yesterday"}, False),
        ({"assignment": {"due_date": "soon"}}, False),
        ({"assignment": {"due_date": None}}, True),
        ({"assignment": None}, True),
    ],
)
def test_a_time_that_is_none_is_not_taken_for_in_time(
    tmp_path: Path, changes: dict[str, Any], known: bool
) -> None:
    value = gradescope.results(MIXED, with_metadata(tmp_path, **changes))
    assert ("whether this was late is not known" in value["output"]) is not known
    assert value["extra_data"]["late_by_s"] == (0 if known else None)


def test_hundreds_of_earlier_submissions_are_no_fault(tmp_path: Path) -> None:
    """Gradescope's metadata holds the whole results of each."""
    before = {
        "submission_time": "2026-10-01T09:00:00.000000-07:00",
        "score": 2.75,
        "results": gradescope.results(MIXED) | {"filler": "x" * 20_000},
    }
    metadata = with_metadata(tmp_path, previous_submissions=[before] * 400)
    assert (tmp_path / "submission_metadata.json").stat().st_size > 8_000_000
    output = gradescope.results(MIXED, metadata)["output"]
    assert "400 earlier submissions" in output
    assert "late by 2 h 9 min." in output


def test_metadata_of_any_size_costs_no_grade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradescope, "MAX_METADATA_BYTES", 100)
    output = gradescope.results(MIXED, with_metadata(tmp_path))["output"]
    assert "is not known: submission_metadata.json is larger than" in output


def test_another_maximum_at_gradescope_is_told(tmp_path: Path) -> None:
    assert (
        "has 100 points, this homework 13.5"
        in (gradescope.results(MIXED, with_metadata(tmp_path))["output"])
    )
    same = {**METADATA["assignment"], "total_points": "13.50"}
    assert (
        "points, this homework"
        not in (gradescope.results(MIXED, with_metadata(tmp_path, assignment=same))["output"])
    )


@EVERY
def test_prairielearn_takes_the_results(report: Report) -> None:
    text = prairielearn.emit(report, NONE)
    value = valid(text, PRAIRIELEARN)
    assert len(text.encode()) <= 1_000_000
    if report.score is not None:
        assert value["score"] == pytest.approx(float(report.score / report.max_score))


def test_prairielearn_gets_no_more_than_a_megabyte() -> None:
    loud = a_report(tuple(passed(f"test_{i}", output="x" * 65_000) for i in range(300)))
    text = prairielearn.emit(loud, NONE)
    assert len(text.encode()) <= 1_000_000
    assert len(json.loads(text)["tests"]) == 300
    text = prairielearn.emit(VAST, NONE)
    assert len(valid(text, PRAIRIELEARN)["tests"]) == 250
    assert len(text.encode()) <= 1_000_000


@pytest.mark.parametrize("lost", [True, False])
def test_a_homework_without_points_is_right_or_wrong(lost: bool) -> None:
    make = failed if lost else passed
    report = a_report(
        (passed("test_a", max_score=Decimal(0)), make("test_b", max_score=Decimal(0)))
    )
    assert prairielearn.results(report)["score"] == (0.0 if lost else 1.0)


@EVERY
def test_ctrf_takes_the_report(report: Report) -> None:
    value = valid(ctrf.emit(report, NONE), CTRF)
    summary, tests = value["results"]["summary"], value["results"]["tests"]
    assert summary["tests"] == len(tests) == len(report.tests)
    for status in ("passed", "failed", "skipped", "pending", "other"):
        assert summary[status] == sum(t["status"] == status for t in tests)
    assert summary["stop"] - summary["start"] == 1250


def test_ctrf_has_no_loss_that_looks_harmless() -> None:
    statuses = [t["status"] for t in json.loads(ctrf.emit(MIXED, NONE))["results"]["tests"]]
    assert statuses == ["passed"] + ["failed"] * 6
    assert json.loads(ctrf.emit(UNREADABLE, NONE))["results"]["summary"]["failed"] == 2
    withheld = json.loads(ctrf.emit(WITHHELD, NONE))["results"]["summary"]
    assert withheld["other"] == 1
    assert withheld["extra"]["score"] is None


@EVERY
def test_junit_is_well_formed_and_counts(report: Report) -> None:
    root = ElementTree.fromstring(junit.emit(report, NONE))
    (suite,) = root
    cases = suite.findall("testcase")
    assert root.tag == "testsuites"
    assert int(suite.attrib["tests"]) == len(cases) == len(report.tests)
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
    assert int(suite.attrib["errors"]) == len(suite.findall("testcase/error"))
    assert suite.attrib.keys() >= {"name", "skipped", "time", "timestamp", "hostname"}
    for case, test in zip(cases, report.tests, strict=True):
        points = {p.attrib["name"]: p.attrib["value"] for p in case.iter("property")}
        assert Decimal(points["points"]) == test.score
        assert Decimal(points["max_points"]) == test.max_score
        assert {child.tag for child in case} <= {"properties", "failure", "error", "system-out"}


def test_junit_keeps_hostile_text_as_text() -> None:
    root = ElementTree.fromstring(junit.emit(HOSTILE_REPORT, NONE))
    (failure,) = root.iter("failure")
    assert "<script>alert(1)</script>" in (failure.text or "")
    assert not list(root.iter("script"))


@EVERY_GRADED
def test_classroom50_takes_the_result(report: Report) -> None:
    value = valid(classroom50.emit(report, Context(environment=RUNNER)), CLASSROOM50)
    assert report.score is not None
    assert value["score"] == report.score * 100
    assert value["max-score"] == report.max_score * 100
    assert sum(t["score"] for t in value["tests"]) == value["score"]
    assert sum(t["max-score"] for t in value["tests"]) == value["max-score"]
    assert value["datetime"] == "2026-06-01T14:32:05Z"  # the tag's: the same on a regrade


def test_classroom50_scales_once() -> None:
    thirds = tuple(passed(f"test_{i}", max_score=Decimal("0.33")) for i in range(3))
    value = classroom50.result(a_report(thirds), RUNNER)
    assert (value["score"], value["tests"][0]["score"]) == (99, 33)
    assert type(value["score"]) is int


@pytest.mark.parametrize("name", ["CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL"])
def test_classroom50_wants_its_runners_variables(name: str) -> None:
    lacking = {key: value for key, value in RUNNER.items() if key != name}
    with pytest.raises(UsageError, match=name):
        classroom50.result(ALL_PASSED, lacking)


def test_classroom50_refuses_what_its_reader_would() -> None:
    with pytest.raises(UsageError, match="submit/"):
        classroom50.result(ALL_PASSED, {**RUNNER, "SUBMISSION_TAG": "v1"})
    with pytest.raises(UsageError, match="ASSIGNMENT_TYPE"):
        classroom50.result(ALL_PASSED, {**RUNNER, "ASSIGNMENT_TYPE": "pair"})
    odd = {**RUNNER, "SUBMISSION_TAG": "submit/2026-99-01T14-32-05Z-a"}
    assert classroom50.result(ALL_PASSED, odd)["datetime"] == "2026-10-02T21:59:00Z"


@EVERY_GRADED
def test_no_emitter_passes_control_characters_on(report: Report) -> None:
    assert "\x1b" in HOSTILE
    for emit in (gradescope.emit, prairielearn.emit, ctrf.emit):
        text = json.dumps(json.loads(emit(report, NONE)), ensure_ascii=False)  # escapes undone
        assert not re.search("[\x00-\x1f\x7f\u202e\ufffe]", text.replace("\\n", ""))
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e\ufffe]", junit.emit(report, NONE))
