"""Grading again: staged beside what counts, compared with it, then applied whole or dropped.

While a regrade is staged its gradings are recorded one by one (`Gradebook.record`), so a killed
one goes on where it was; none counts until `apply_regrade`, which one undo takes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from grader.errors import UsageError
from grader.gradebook import tables
from grader.gradebook.book import Gradebook
from grader.gradebook.changes import set_state
from grader.gradebook.grades import current_attempts
from grader.gradebook.model import Attempt, Key
from grader.gradebook.recording import ensure
from grader.text import safe_text


@dataclass(frozen=True, kw_only=True)
class Regrade:
    """One regrade; `state` is "staged", "applied" or "dropped"."""

    id: int
    homework: str
    reason: str
    state: str
    started_at: datetime


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A submission's grading that counts now, and the one that would; None where there is none."""

    before: Attempt | None
    after: Attempt


def start_regrade(book: Gradebook, homework: str, reason: str) -> Regrade:
    """Stage a regrade. UsageError where there is no reason or another is staged."""
    if not reason.strip():
        raise UsageError(
            "A regrade needs a reason, which stays in the history.",
            hint=f'grader regrade {homework} --reason "a test was too strict"',
        )
    with book.transaction() as connection:
        ensure(connection, tables.homeworks, [homework])
        # the homework's row is the lock: two regrades cannot be staged at once
        connection.execute(
            select(tables.homeworks).where(tables.homeworks.c.id == homework).with_for_update()
        )
        if _find(connection, homework=homework, state="staged"):
            raise UsageError(
                f"A regrade of {homework} is under way already.",
                hint="Go on with it, apply it or drop it first.",
            )
        values = {
            "homework": homework,
            "reason": safe_text(reason),
            "state": "staged",
            "started_at": datetime.now(UTC),
        }
        statement = insert(tables.regrades).values(values).returning(tables.regrades)
        return _regrade(connection.execute(statement).one())


def regrades(book: Gradebook, homework: str, state: str | None = None) -> tuple[Regrade, ...]:
    """The regrades of a homework, oldest first; those of one state where named."""
    with book.database.read() as connection:
        return _find(connection, homework=homework, **({"state": state} if state else {}))


def pairs(book: Gradebook, regrade: Regrade) -> tuple[Pair, ...]:
    """Before and after of every submission that a regrade has graded, by student."""
    attempts = book.all_attempts(regrade.homework)
    before = {a.submission_id: a for a in current_attempts(book.attempts(regrade.homework))}
    after = current_attempts(a for a in attempts if a.regrade == regrade.id)
    found = [Pair(before=before.get(a.submission_id), after=a) for a in after]
    return tuple(sorted(found, key=lambda p: (p.after.student, p.after.submission_id)))


def cause(before: Key, after: Key) -> tuple[str, ...]:
    """What differs between two gradings: "submission", "suite", "environment", "seed".

    Nothing, where the same was graded: another result is then nondeterminism.
    """
    names = {
        "submission": (before.submission_hash, after.submission_hash),
        "suite": (before.suite_hash, after.suite_hash),
        "environment": (before.environment_hash, after.environment_hash),
        "seed": (before.seed, after.seed),
    }
    return tuple(name for name, (old, new) in names.items() if old != new)


def apply_regrade(book: Gradebook, regrade: Regrade) -> int:
    """Let a staged regrade count; the id of the change, for `grader.gradebook.changes.undo`."""
    with book.transaction() as connection:
        _still_staged(connection, regrade)
        return set_state(connection, regrade.id, regrade.homework, "applied", regrade.reason)


def drop_regrade(book: Gradebook, regrade: Regrade) -> None:
    """Give a staged regrade up; its gradings stay in the history and never count."""
    with book.transaction() as connection:
        _still_staged(connection, regrade)
        where = tables.regrades.c.id == regrade.id
        connection.execute(update(tables.regrades).where(where).values(state="dropped"))


def _still_staged(connection: Connection, regrade: Regrade) -> None:
    if not _find(connection, id=regrade.id, state="staged"):
        raise UsageError(f"Regrade {regrade.id} is not staged any more.")


def _find(connection: Connection, **equal: object) -> tuple[Regrade, ...]:
    query = select(tables.regrades).order_by(tables.regrades.c.id)
    for name, value in equal.items():
        query = query.where(tables.regrades.c[name] == value)
    return tuple(_regrade(row) for row in connection.execute(query))


def _regrade(row: Row[Any]) -> Regrade:
    return Regrade(**row._asdict())
