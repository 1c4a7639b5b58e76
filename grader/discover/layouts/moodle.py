"""Moodle's download: `Ada Lovelace_123_assignsubmission_file/`, or files with that beginning.

The number is the participant's in this assignment, not the student's id: the name decides.
"""

from __future__ import annotations

import re

from grader.discover.layouts.assemble import assemble
from grader.discover.listing import newest_time
from grader.discover.model import FILE_TIME, Child, Finding, Found, Place

NAME = "moodle"
_NAME = re.compile(r"(?P<name>.+?)_(?P<participant>\d+)_assignsubmission_(?P<rest>.+)\Z", re.S)
_PARTICIPANT = re.compile(r"_\d+(?=_assignsubmission_)")
_TOGETHER = re.compile(r"(?P<name>.+)_(?P<participant>\d+)\Z", re.S)  # ours, for several files


def participant(name: str) -> str | None:
    """The participant's number in the last part of a source."""
    found = named(name)
    return found[1] if found else None


def named(name: str) -> tuple[str, str] | None:
    """The student's name and the participant's number in the last part of a source.

    None where it names two participants: a student may call themselves or a file so.
    """
    if _is_unclear(name):
        return None
    match = _NAME.match(name) or _TOGETHER.match(name)
    return (match["name"], match["participant"]) if match else None


def find(place: Place) -> Finding | None:
    """None where nothing is called so."""
    finding = Finding()
    files: dict[tuple[str, str], list[tuple[str, Child]]] = {}
    for child in place.children:
        match = _NAME.match(child.name)
        if match is None:
            continue
        finding.used.add(child.name)
        if _is_unclear(child.name):
            finding.found.append(_unclear(child, place))
            continue
        who = (match["name"], match["participant"])
        kind, _, file_name = match["rest"].partition("_")
        if kind != "file":
            finding.problems.append(f"{child.name!r} is no handed in file: not graded")
        elif child.kind == "folder":
            finding.found.append(_found(who, child, place))
        else:
            files.setdefault(who, []).append((file_name, child))
    for who, parts in files.items():
        finding.found.append(_found(who, assemble(parts, "_".join(who), place), place))
    return finding if finding.used else None


def _is_unclear(name: str) -> bool:
    return len(_PARTICIPANT.findall(name)) > 1


def _unclear(child: Child, place: Place) -> Found:
    """What names two participants: a student's name or file is called so, and it is nobody's."""
    return Found(
        student_key=child.name,
        path=child.path,
        layout=NAME,
        source=f"{place.label}/{child.name}",
    )


def _found(who: tuple[str, str], child: Child, place: Place) -> Found:
    name, participant = who
    at = newest_time(child.path) if place.has_times else None
    return Found(
        student_key=f"{name}_{participant}",
        path=child.path,
        layout=NAME,
        source=f"{place.label}/{child.name}",
        identities={"name": name},
        submitted_at=at,
        time_from=FILE_TIME if at else "",
    )
