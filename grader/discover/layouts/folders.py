"""A folder, zip, .py or .ipynb for each student, called by any name of theirs.

A link or a device in such a place is found too: grading refuses it, and that is on record.
"""

from __future__ import annotations

from grader.discover.commit import head_commit
from grader.discover.listing import SUBMISSION_SUFFIXES, newest_time
from grader.discover.model import FILE_TIME, Child, Finding, Found, Place

NAME = "folders"


def find(place: Place) -> Finding | None:
    """None where there is neither a folder nor such a file."""
    finding = Finding()
    for child in place.children:
        is_source = child.kind != "folder" and child.suffix in SUBMISSION_SUFFIXES
        is_other = child.kind not in ("file", "folder") and not child.suffix
        if child.kind == "folder" or is_source or is_other:
            finding.used.add(child.name)
            finding.found.append(_found(child, place))
    return finding if finding.used else None


def _found(child: Child, place: Place) -> Found:
    key = child.name if child.kind == "folder" else child.path.stem
    commit = head_commit(child.path) if child.kind == "folder" else None
    at, time_from = (commit.at, "commit") if commit and commit.at else (None, "")
    if at is None and place.has_times:
        at = newest_time(child.path)
        time_from = FILE_TIME if at else ""
    kinds = ("id", "email", "github", "name", "squashed")
    return Found(
        student_key=key,
        path=child.path,
        layout=NAME,
        source=f"{place.label}/{child.name}",
        identities={kind: key for kind in kinds},
        submitted_at=at,
        time_from=time_from,
        commit=commit.sha if commit else None,
    )
