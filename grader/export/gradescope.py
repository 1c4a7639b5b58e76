"""Gradescope's results/results.json; lateness and earlier submissions from its own metadata.

Lateness is `created_at` against the assignment's dates, never the clock; where the metadata does
not tell, the result says so and stands. No result is written where the total is withheld:
Gradescope then says that the autograder failed, and grades nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from grader.export import words
from grader.export.model import Context
from grader.report.model import Report, TestResult
from grader.text import safe_text

METADATA_VARIABLE = "GRADESCOPE_METADATA"  # a path, as run_autograder sets it
MAX_METADATA_BYTES = 100_000_000  # it holds the results of all earlier submissions
SHOWN_BEFORE = 10  # earlier submissions listed, the latest


def emit(report: Report, context: Context) -> str:
    """The results; with metadata where the environment names its file."""
    path = context.environment.get(METADATA_VARIABLE)
    metadata = read_metadata(Path(path)) if path else None
    return json.dumps(results(report, metadata), indent=2, allow_nan=False) + "\n"


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """When it was handed in, when it was due, and the scores of earlier submissions.

    `fault` says what keeps lateness from being known.
    """

    fault: str | None = None
    created_at: datetime | None = None
    due_at: datetime | None = None
    late_due_at: datetime | None = None
    total_points: Decimal | None = None
    before: tuple[tuple[str, str], ...] = ()  # (time, score) in words, the oldest first

    @property
    def late_by(self) -> timedelta | None:
        """How long after the due date it came, 0 also where there is no date; None if not known."""
        if self.fault is not None or self.created_at is None:
            return None
        if self.due_at is None:
            return timedelta(0)
        return max(self.created_at - self.due_at, timedelta(0))


def results(report: Report, metadata: Metadata | None = None) -> dict[str, Any]:
    """The content of results.json; NotGraded where there is no total."""
    total = words.require_total(report, "Gradescope")
    late_by = metadata.late_by if metadata is not None else None
    return {
        "score": words.number(total),
        "execution_time": round(report.duration_s, 3),
        "output": "\n".join(_output(report, metadata)),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [
            _test(test, f"{problem.id}.{index}")
            for problem in report.problems
            for index, test in enumerate(problem.tests, start=1)
        ],
        "extra_data": {
            "grader": report.versions.get("grader", ""),
            "isolation": report.isolation.get("level"),
            "seed": report.seed,
            "hashes": report.hashes,
            "max_score": words.number(report.max_score),
            "late_by_s": None if late_by is None else int(late_by.total_seconds()),
        },
    }


def _test(test: TestResult, position: str) -> dict[str, Any]:
    return {
        "score": words.number(test.score),
        "max_score": words.number(test.max_score),
        "status": "failed" if words.lost_points(test) else "passed",
        "name": words.title_of(test),
        "name_format": "text",
        "number": safe_text(position, 40),
        "output": words.feedback_text(test),
        "output_format": "text",
        "tags": [test.visibility],
        "visibility": "visible",
        "extra_data": {"id": test.id, "status": test.status.value},
    }


def _output(report: Report, metadata: Metadata | None) -> Iterator[str]:
    yield f"{safe_text(report.title, 200)}: {safe_text(report.submission, 200)}"
    for note in report.notes:
        yield f"Note: {safe_text(note, words.LINE)}"
    if report.elsewhere:
        yield f"{words.points_text(report.elsewhere)} more points are in tests not run here."
    if metadata is not None:
        yield from _dates(metadata)
        yield from _other_maximum(report, metadata)


def _other_maximum(report: Report, metadata: Metadata) -> Iterator[str]:
    if metadata.total_points not in (None, report.max_score):
        there = words.points_text(metadata.total_points)
        here = words.points_text(report.max_score)
        yield f"Note: Gradescope's assignment has {there} points, this homework {here}."


def _dates(metadata: Metadata) -> Iterator[str]:
    if metadata.fault is not None:
        yield f"Note: whether this was late is not known: {safe_text(metadata.fault, words.LINE)}."
    if metadata.created_at is not None:
        line = f"Handed in {_moment(metadata.created_at)}"
        if metadata.due_at is not None:
            late = metadata.late_by
            line += f", due {_moment(metadata.due_at)}"
            line += f": late by {_length(late)}." if late else ": in time."
        yield line
        after_late = metadata.late_due_at is not None and metadata.created_at > metadata.late_due_at
        if after_late:
            yield "That is after the last date for late work, too."
    if metadata.before:
        count = len(metadata.before)
        yield f"{count} earlier submission{'' if count == 1 else 's'}:"
        for when, score in metadata.before[-SHOWN_BEFORE:]:
            yield f"  {when}: {score}"


def read_metadata(path: Path) -> Metadata:
    """Gradescope's submission_metadata.json; what is missing there stays None.

    A file that cannot be read, or that says no time of the handing in, gives a `fault`: a grade is
    not lost for it, and lateness not in silence.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_METADATA_BYTES + 1)
        if len(content) > MAX_METADATA_BYTES:
            return Metadata(fault=f"{path.name} is larger than {MAX_METADATA_BYTES // 10**6} MB")
        value = json.loads(content)
    except (OSError, ValueError, RecursionError) as err:
        return Metadata(fault=f"{path.name} cannot be read ({err})")
    if not isinstance(value, dict):
        return Metadata(fault=f"{path.name} is not the object it should be")
    assignment = value.get("assignment")
    assignment = assignment if isinstance(assignment, dict) else {}
    return Metadata(
        fault=_fault(value, assignment, path.name),
        created_at=_time(value.get("created_at")),
        due_at=_due(value, assignment, "due_date"),
        late_due_at=_due(value, assignment, "late_due_date"),
        total_points=_points(assignment.get("total_points")),
        before=_before(value.get("previous_submissions")),
    )


def _fault(value: dict[str, Any], assignment: dict[str, Any], name: str) -> str | None:
    for table, key in ((value, "created_at"), (assignment, "due_date")):
        needed = key == "created_at" or table.get(key) is not None
        if needed and _time(table.get(key)) is None:
            return f"{name} has no time as its {key}"
    return None


def _due(value: dict[str, Any], assignment: dict[str, Any], key: str) -> datetime | None:
    """The assignment's date, or the student's own where there is an extension.

    An extension stands in the user's own `assignment`; of a group the latest one counts.
    """
    users = value.get("users")
    own = [
        _time(user["assignment"].get(key))
        for user in (users if isinstance(users, list) else [])
        if isinstance(user, dict) and isinstance(user.get("assignment"), dict)
    ]
    times = [when for when in (_time(assignment.get(key)), *own) if when is not None]
    return max(times, default=None)


def _time(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        return None
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)


def _points(value: Any) -> Decimal | None:
    try:
        points = Decimal(str(value))
    except ArithmeticError:
        return None
    return points if points.is_finite() else None


def _before(value: Any) -> tuple[tuple[str, str], ...]:
    found = []
    for entry in value if isinstance(value, list) else []:
        if not isinstance(entry, dict):
            continue
        when = _time(entry.get("submission_time"))
        points = _points(entry.get("score"))
        score = "no score" if points is None else f"{words.points_text(points)} points"
        found.append((when, score))
    found.sort(key=lambda pair: pair[0].timestamp() if pair[0] else 0.0)
    return tuple((_moment(when) if when else "at a time unknown", score) for when, score in found)


def _moment(when: datetime) -> str:
    """The time in the zone that Gradescope gives it in: the student's own."""
    return when.strftime("%Y-%m-%d %H:%M %z").strip()


def _length(by: timedelta) -> str:
    minutes, seconds = divmod(int(by.total_seconds()), 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min")]
    text = " ".join(f"{size} {unit}" for size, unit in parts if size)
    return text or f"{max(seconds, 1)} s"
