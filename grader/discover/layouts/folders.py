"""A folder, zip, .py or .ipynb for each student, called by any name of theirs.

A link or a device in such a place is found too: grading refuses it, and that is on record.
"""

from __future__ import annotations

from grader.discover.layouts.when import with_time
from grader.discover.listing import may_be_submission
from grader.discover.model import Child, Finding, Found, Place

NAME = "folders"


def find(place: Place) -> Finding | None:
    """None where there is neither a folder nor such a file."""
    finding = Finding()
    for child in filter(may_be_submission, place.children):
        finding.used.add(child.name)
        finding.found.append(with_time(_found(child, place), place, finding))
    return finding if finding.used else None


def _found(child: Child, place: Place) -> Found:
    key = child.name if child.kind == "folder" else child.path.stem
    kinds = ("id", "email", "github", "name", "squashed")
    return Found(
        student_key=key,
        path=child.path,
        layout=NAME,
        source=f"{place.label}/{child.name}",
        identities={kind: key for kind in kinds},
    )
