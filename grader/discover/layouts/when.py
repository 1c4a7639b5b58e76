"""When a submission was handed in, as its clone or its files say.

What is read for it is hostile. One submission that cannot be looked at is a record of its own, with
the reason; it never stops the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from grader.discover.commit import head_commit
from grader.discover.listing import is_folder, newest_time
from grader.discover.model import FILE_TIME, Finding, Found, Place


def guarded(found: Found, look: Callable[[Found], Found]) -> Found:
    """What `look` makes of `found`; unreadable where it fails in a way that nobody thought of."""
    try:
        return look(found)
    except Exception as err:  # whatever made-up files provoke in what reads them
        return replace(found, unreadable=f"Looking into it failed ({type(err).__name__}).")


def with_time(found: Found, place: Place, finding: Finding) -> Found:
    """`found` with its commit and the time of that, else of its files; what failed is told."""
    return guarded(found, lambda one: _with_time(one, place, finding))


def _with_time(found: Found, place: Place, finding: Finding) -> Found:
    is_clone = is_folder(found.path / ".git")
    commit = head_commit(found.path) if is_clone else None
    if is_clone and commit is None:
        finding.problems.append(f"the commit of {found.path.name!r} cannot be read")
    elif commit and commit.at is None:
        finding.problems.append(f"the time of the commit of {found.path.name!r} cannot be read")
    if commit and commit.at:
        return replace(found, submitted_at=commit.at, time_from="commit", commit=commit.sha)
    at = newest_time(found.path) if place.has_times else None
    return replace(
        found,
        submitted_at=at,
        time_from=FILE_TIME if at else "",
        commit=commit.sha if commit else None,
    )
