"""nbgrader's collected submissions: `submitted/STUDENT/hw3/`, with a `timestamp.txt`."""

from __future__ import annotations

from datetime import UTC, datetime

from grader.discover.listing import is_folder, newest_time, read_small
from grader.discover.model import FILE_TIME, Finding, Found, Place

NAME = "nbgrader"
TIMESTAMP = "timestamp.txt"


def find(place: Place) -> Finding | None:
    """None where no student's folder holds one of the homework's name."""
    finding = Finding()
    for student in place.children:
        folder = student.path / place.homework
        if student.kind != "folder" or not is_folder(folder):
            continue
        finding.used.add(student.name)
        at = None
        stamp = read_small(folder, TIMESTAMP, 1000)
        if stamp is not None:
            at = _time(stamp.decode("ascii", "replace").strip())
            if at is None:
                said = f"{student.name}/{place.homework}/{TIMESTAMP}"
                finding.problems.append(f"{said!r} holds no time in UTC")
        time_from = TIMESTAMP if at else ""
        if at is None and place.has_times:
            at = newest_time(folder)
            time_from = FILE_TIME if at else ""
        finding.found.append(
            Found(
                student_key=student.name,
                path=folder,
                layout=NAME,
                source=f"{place.label}/{student.name}/{place.homework}",
                identities={"id": student.name},
                submitted_at=at,
                time_from=time_from,
            )
        )
    return finding if finding.used else None


def _time(text: str) -> datetime | None:
    """2026-10-02 11:59:00.000000 UTC, as nbgrader writes it, or with an offset."""
    try:
        at = datetime.fromisoformat(text.removesuffix("UTC").strip())
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
