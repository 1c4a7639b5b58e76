"""The gradebook: every attempt with its report, and what instructors decided about it.

A result is committed when it is recorded, once, keyed by its hashes. SQLAlchemy is imported when
a gradebook is opened, not before; nothing here grades, prints or reads a submission.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.gradebook.model import Attempt, Result, Student

if TYPE_CHECKING:
    from grader.gradebook.book import Gradebook

__all__ = ["Attempt", "Result", "Student", "open_gradebook"]


def open_gradebook(place: str, *, create: bool = True) -> Gradebook:
    """The gradebook at `place`, a file of SQLite or a `postgresql://` URL; close it after use.

    It is brought up to date (migrated) first. UsageError where the place cannot be opened or is
    newer than this grader; it needs the packages of the extra `gradebook`.
    """
    from grader.gradebook.book import Gradebook
    from grader.gradebook.database import open_database

    return Gradebook(open_database(place, create=create))
