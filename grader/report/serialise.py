"""A report as JSON, and back; the schema beside this file is the contract.

Scores are decimal numbers with at most two places; `score` is null where an error of ours
withholds it.
"""

from __future__ import annotations

import json
from decimal import Decimal
from importlib import resources
from typing import Any

from grader.errors import InternalError
from grader.report.model import (
    Feedback,
    Place,
    ProblemResult,
    Report,
    Status,
    TestResult,
)

SCHEMA_VERSION = 1
SCHEMA_FILE = "schema.json"


def to_dict(report: Report) -> dict[str, Any]:
    """The report as JSON values, in the schema's order."""
    return {
        "schema_version": SCHEMA_VERSION,
        "assignment": report.assignment,
        "title": report.title,
        "submission": report.submission,
        "file": report.file,
        "score": _number(report.score),
        "max_score": _number(report.max_score),
        "points_elsewhere": _number(report.elsewhere),
        "problems": [
            {
                "id": problem.id,
                "title": problem.title,
                "score": _number(None if report.score is None else problem.score),
                "max_score": _number(problem.max_score),
                "points_elsewhere": _number(problem.elsewhere),
                "tests": [_test(test) for test in problem.tests],
            }
            for problem in report.problems
        ],
        "notes": list(report.notes),
        "isolation": report.isolation,
        "seed": report.seed,
        "device": report.device,
        "hashes": report.hashes,
        "versions": report.versions,
        "started_at": report.started_at,
        "duration_s": report.duration_s,
    }


def to_json(report: Report) -> str:
    """The report as JSON text, checked against the schema; ends with a newline."""
    value = to_dict(report)
    validate(value)
    return json.dumps(value, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of a report."""
    text = resources.files("grader.report").joinpath(SCHEMA_FILE).read_text(encoding="utf-8")
    value: dict[str, Any] = json.loads(text)
    return value


def validate(value: Any) -> None:
    """InternalError where `value` is no report by the schema."""
    import jsonschema

    try:
        jsonschema.validate(value, schema(), cls=jsonschema.Draft202012Validator)
    except jsonschema.ValidationError as err:
        where = "/".join(str(part) for part in err.absolute_path)
        raise InternalError(
            f"A report does not fit its schema at {where!r}: {err.message}"
        ) from err


def from_dict(value: Any) -> Report:
    """The inverse of `to_dict`; InternalError where `value` does not fit the schema."""
    validate(value)
    return Report(
        assignment=value["assignment"],
        title=value["title"],
        submission=value["submission"],
        problems=tuple(
            ProblemResult(
                id=problem["id"],
                title=problem["title"],
                tests=tuple(_read_test(problem["id"], test) for test in problem["tests"]),
                elsewhere=Decimal(str(problem.get("points_elsewhere", 0))),
            )
            for problem in value["problems"]
        ),
        isolation=value["isolation"],
        seed=value["seed"],
        file=value.get("file", ""),
        device=value["device"],
        hashes=value["hashes"],
        versions=value["versions"],
        notes=tuple(value["notes"]),
        elsewhere=Decimal(str(value["points_elsewhere"])),
        started_at=value["started_at"],
        duration_s=value["duration_s"],
    )


def _test(test: TestResult) -> dict[str, Any]:
    return {
        "id": test.id,
        "title": test.title,
        "visibility": test.visibility,
        "status": test.status.value,
        "score": _number(test.score),
        "max_score": _number(test.max_score),
        "feedback": _feedback(test.feedback),
        "output": test.output,
        "duration_s": test.duration_s,
    }


def _feedback(feedback: Feedback | None) -> dict[str, Any] | None:
    if feedback is None:
        return None
    place = feedback.place
    return {
        "message": feedback.message,
        "called": feedback.called,
        "expected": feedback.expected,
        "got": feedback.got,
        "mistake": feedback.mistake,
        "exception": feedback.exception,
        "place": None
        if place is None
        else {"file": place.file, "line": place.line, "cell": place.cell, "source": place.source},
        "hint": feedback.hint,
    }


def _read_test(problem: str, value: dict[str, Any]) -> TestResult:
    feedback = value["feedback"]
    if feedback is not None:
        place = feedback["place"]
        feedback = Feedback(**{**feedback, "place": Place(**place) if place else None})
    return TestResult(
        id=value["id"],
        problem=problem,
        title=value["title"],
        visibility=value["visibility"],
        max_score=Decimal(str(value["max_score"])),
        status=Status(value["status"]),
        score=Decimal(str(value["score"])),
        feedback=feedback,
        output=value["output"],
        duration_s=value["duration_s"],
    )


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
