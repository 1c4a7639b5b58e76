"""The folders that were put around the folder of the submissions, and when one is gone into.

What lies in a student's folder is the student's to name. A folder is therefore gone into only where
it cannot be one student's among others': nothing else that could be a submission lies beside it,
it is no clone, and nobody of the roster is named by it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

from grader.discover.listing import children, may_be_submission
from grader.discover.model import Child, Place
from grader.errors import UsageError

SUBMITTED = "submitted"  # in nbgrader's folder of a course, that of what came in
_BESIDE_SUBMITTED = {"source", "release", "autograded", "feedback", "downloaded"}
_BESIDE_SUBMITTED |= {"nbgrader_config.py"}
_WRAPPERS = 4  # folders around the one that holds the submissions


def around_submissions(place: Place, is_someones: Callable[[str], bool]) -> list[Place]:
    """The folders in `place` that may hold the submissions, each in the one before.

    `is_someones` says whether a folder of that name may be one student's.
    """
    inside: list[Place] = []
    while len(inside) < _WRAPPERS and (only := _only_folder(place, is_someones)) is not None:
        try:
            place = within(place, only.name)
        except UsageError:  # it cannot be read: a submission of which that is said
            break
        inside.append(place)
    return inside


def within(place: Place, name: str) -> Place:
    """The folder `name` of `place`; UsageError where it cannot be read."""
    folder = place.folder / name
    return replace(place, folder=folder, label=f"{place.label}/{name}", children=children(folder))


def holds_submissions(place: Place) -> bool:
    """Whether a lone folder is no submission itself: two or more folders or zips, no source."""
    several = [c for c in place.children if c.kind == "folder" or c.suffix == ".zip"]
    return len(several) > 1 and not any(c.suffix in (".py", ".ipynb") for c in place.children)


def _only_folder(place: Place, is_someones: Callable[[str], bool]) -> Child | None:
    usable = {child.name: child for child in place.children if may_be_submission(child)}
    name = SUBMITTED if usable.keys() - _BESIDE_SUBMITTED == {SUBMITTED} else next(iter(usable), "")
    if not usable or (len(usable) > 1 and name != SUBMITTED) or is_someones(name):
        return None
    is_clone = os.path.lexists(place.folder / name / ".git")  # of one who named all that is in it
    return usable[name] if usable[name].kind == "folder" and not is_clone else None
