"""The gradebook: every attempt with its report, and what instructors decided about it.

A result is committed when it is recorded, once, keyed by its hashes. SQLAlchemy is imported when
a gradebook is opened, not before; nothing here grades, prints or reads a submission.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.gradebook.model import Attempt, Result, Student

if TYPE_CHECKING:
    from grader.gradebook.book import Gradebook

__all__ = ["Attempt", "Gradebook", "Result", "Student", "open_gradebook", "require_packages"]


def open_gradebook(place: str, *, create: bool = True) -> Gradebook:
    """The gradebook at `place`, a file of SQLite or a `postgresql://` URL; close it after use.

    It is brought up to date (migrated) first. UsageError where the packages of the extra
    `gradebook` are missing, the place cannot be opened, or it is newer than this grader.
    """
    require_packages()
    from grader.gradebook.book import Gradebook
    from grader.gradebook.database import open_database

    return Gradebook(open_database(place, create=create))


def require_packages() -> None:
    """UsageError where the packages of the extra `gradebook` are missing."""
    from grader.errors import UsageError

    try:
        import sqlalchemy  # noqa: F401
    except ImportError as err:
        raise UsageError(
            "The gradebook needs SQLAlchemy, which is not installed.",
            hint="pip install 'grader[gradebook]'",
        ) from err


def __getattr__(name: str) -> Any:
    """`Gradebook` where it is asked for: it needs SQLAlchemy, which may not be installed."""
    if name != "Gradebook":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    require_packages()
    from grader.gradebook.book import Gradebook

    return Gradebook
