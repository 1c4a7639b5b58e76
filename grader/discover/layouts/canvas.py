"""Canvas' download: `lovelaceada_LATE_123_456_hw3.py`, a file or several for each student.

The first number is Canvas' id of the user, the second that of the file. Canvas marks what is late
but does not say when it came.
"""

from __future__ import annotations

import re

from grader.discover.layouts.assemble import assemble, original_name
from grader.discover.listing import newest_time
from grader.discover.model import FILE_TIME, Child, Finding, Found, Place

NAME = "canvas"
_NAME = re.compile(
    r"(?P<name>[^_].*?)(?P<late>_LATE)?_(?P<user>\d+)_(?P<file_id>\d+)_(?P<file>.+)\Z", re.S | re.I
)
_ANONYMOUS = re.compile(
    r"anon_(?P<user>[A-Za-z0-9]{5})(?P<late>_LATE)?_(?P<file_id>\d+)_(?P<file>.+)\Z", re.S
)
_MOODLES = re.compile(r"_\d+_assignsubmission_")  # where it comes first, the rest is a file's name
_TOGETHER = re.compile(r"[^_].*_(?P<user>\d+)\Z", re.S)  # a key of ours, for several files


def user_id(name: str) -> str | None:
    """Canvas' id of the user in the last part of a source; None where it was anonymous."""
    if _ANONYMOUS.match(name):
        return None
    match = _NAME.match(name) or _TOGETHER.match(name)
    return match["user"] if match else None


def find(place: Place) -> Finding | None:
    """None where no file is called so."""
    finding = Finding()
    of_student: dict[tuple[str, str], list[re.Match[str]]] = {}
    by_name = {child.name: child for child in place.children if child.kind != "folder"}
    for name in by_name:
        match = _ANONYMOUS.match(name) or _NAME.match(name)
        if match is not None and not _MOODLES.search(name, 0, match.start("file_id")):
            finding.used.add(name)
            who = (match.groupdict().get("name") or "anon", match["user"])
            of_student.setdefault(who, []).append(match)
    for (name, user), matches in of_student.items():
        parts = [(match["file"], by_name[match[0]]) for match in matches]
        key = f"{name}_{user}"
        finding.found.append(_found(name, user, matches, assemble(parts, key, place), place))
    return finding if finding.used else None


def _found(name: str, user: str, matches: list[re.Match[str]], child: Child, place: Place) -> Found:
    at = newest_time(child.path) if place.has_times else None
    attempts = [original_name(match["file"], place.module)[1] for match in matches]
    identities = {"id": user} if name == "anon" else {"squashed": name, "id": user}
    return Found(
        student_key=f"{name}_{user}",
        path=child.path,
        layout=NAME,
        source=f"{place.label}/{child.name}",
        identities=identities,
        submitted_at=at,
        time_from=FILE_TIME if at else "",
        marked_late=any(match["late"] for match in matches),
        attempt=max((attempt for attempt in attempts if attempt), default=None),
    )
