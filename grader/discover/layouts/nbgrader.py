"""nbgrader's collected submissions: `submitted/STUDENT/hw3/`, with a `timestamp.txt`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from grader.discover.layouts.when import guarded
from grader.discover.listing import (
    children,
    is_folder,
    may_be_submission,
    newest_time,
    read_small,
)
from grader.discover.model import FILE_TIME, Finding, Found, Place
from grader.errors import UsageError

NAME = "nbgrader"
TIMESTAMP = "timestamp.txt"


def find(place: Place) -> Finding | None:
    """None where no student's folder holds one of the homework's name.

    Nor where a student's folder holds files: there it is theirs, and what they call a folder in it
    must not decide how the others' are read.
    """
    if not _is_tree(place):
        return None
    finding = Finding()
    for student in place.children:
        folder = student.path / place.homework
        if student.kind != "folder" or not is_folder(folder):
            continue
        finding.used.add(student.name)
        found = Found(
            student_key=student.name,
            path=folder,
            layout=NAME,
            source=f"{place.label}/{student.name}/{place.homework}",
            identities={"id": student.name},
        )
        finding.found.append(guarded(found, lambda one: _with_time(one, place, finding)))
    return finding if finding.used else None


def _with_time(found: Found, place: Place, finding: Finding) -> Found:
    at = None
    stamp = read_small(found.path, TIMESTAMP, 1000)
    if stamp is not None:
        at = _time(stamp.decode("ascii", "replace").strip())
        if at is None:
            said = f"{found.student_key}/{place.homework}/{TIMESTAMP}"
            finding.problems.append(f"{said!r} holds no time in UTC")
    time_from = TIMESTAMP if at else ""
    if at is None and place.has_times:
        at = newest_time(found.path)
        time_from = FILE_TIME if at else ""
    return replace(found, submitted_at=at, time_from=time_from)


def _is_tree(place: Place) -> bool:
    """Whether every submission is a folder that holds nothing but folders."""
    try:
        return all(
            student.kind == "folder" and all(c.kind == "folder" for c in children(student.path))
            for student in place.children
            if may_be_submission(student)
        )
    except UsageError:  # one of them cannot be read
        return False


def _time(text: str) -> datetime | None:
    """2026-10-02 11:59:00.000000 UTC, as nbgrader writes it, or with an offset."""
    try:
        at = datetime.fromisoformat(text.removesuffix("UTC").strip())
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):  # the year 1, further east
        return None
