"""Classroom 50's result.json; who and what is graded comes from the variables of its runner.

Scores there are whole numbers: every point is taken times 100, once, so none is rounded. Nothing
is written where the total is withheld: autograder.py then leaves with another code than 0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from grader.errors import UsageError
from grader.export import words
from grader.export.model import Context
from grader.report.model import Report, TestResult

SCALE = 100
_TAG_TIME = re.compile(r"submit/(\d{4})-(\d\d)-(\d\d)T(\d\d)-(\d\d)-(\d\d)Z")
_TYPES = ("individual", "group", "team")


def emit(report: Report, context: Context) -> str:
    """The result; UsageError where a variable of the runner is missing."""
    return json.dumps(result(report, context.environment), indent=2) + "\n"


def result(report: Report, environment: Mapping[str, str]) -> dict[str, Any]:
    """The content of result.json: no other keys at the top than the schema has."""
    total = words.require_total(report, "Classroom 50")
    value = {
        "schema": "classroom50/result/v1",
        "classroom": _required(environment, "CLASSROOM"),
        "assignment": _required(environment, "ASSIGNMENT"),
        "assignment_type": _kind(environment.get("ASSIGNMENT_TYPE", "")),
        "owner": environment.get("OWNER") or _required(environment, "USERNAME"),
        "submission": _tag(_required(environment, "SUBMISSION_TAG")),
        "commit": _required(environment, "COMMIT_URL"),
        "release": _required(environment, "RELEASE_URL"),
        "review": environment.get("REVIEW_URL") or _required(environment, "COMMIT_URL"),
        "datetime": _submitted_at(environment["SUBMISSION_TAG"], report),
        "graded_at": _instant(report.started_at),
        "score": _scaled(total),
        "max-score": _scaled(report.max_score),
        "tests": [_test(test) for test in report.tests],
    }
    actor = environment.get("GITHUB_ACTOR")
    if actor:
        number = environment.get("GITHUB_ACTOR_ID", "")
        known = number.isascii() and number.isdigit()
        value["submitted_by"] = {"username": actor, "id": int(number) if known else None}
    return value


def _test(test: TestResult) -> dict[str, Any]:
    value: dict[str, Any] = {
        "test-name": f"{test.problem} {words.title_of(test)}",
        "passed": not words.lost_points(test),
        "score": _scaled(test.score),
        "max-score": _scaled(test.max_score),
    }
    if words.lost_points(test):
        value["message"] = words.summary_line(test)
    return value


def _scaled(points: Decimal) -> int:
    """Points times 100; they have at most two decimals, so this is exact."""
    return int((points * SCALE).to_integral_exact())


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise UsageError(
            f"The variable {name} is not set: Classroom 50's runner sets it.",
            hint="This format is for its autograder.py; --json writes the report anywhere.",
        )
    return value


def _kind(name: str) -> str:
    if name and name not in _TYPES:
        raise UsageError(f"ASSIGNMENT_TYPE is {name!r}; it is one of {', '.join(_TYPES)}.")
    return name or "individual"


def _tag(tag: str) -> str:
    if not tag.startswith("submit/"):
        raise UsageError(f"SUBMISSION_TAG is {tag!r}; it begins with submit/.")
    return tag


def _submitted_at(tag: str, report: Report) -> str:
    """The instant in the tag, the same whenever it is graded again; else when it was graded."""
    found = _TAG_TIME.match(tag)
    if found is not None:
        text = "{}-{}-{}T{}:{}:{}Z".format(*found.groups())
        try:
            datetime.fromisoformat(text)
        except ValueError:
            return _instant(report.started_at)
        return text
    return _instant(report.started_at)


def _instant(text: str) -> str:
    """A time as YYYY-MM-DDTHH:MM:SSZ; InternalError is not worth it: 1970 says it is unknown."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        when = datetime.fromtimestamp(0, UTC)
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
