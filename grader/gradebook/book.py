"""The gradebook: what was handed in, what was found, and where that is read again.

Every method is one transaction. Nothing that was recorded is ever deleted or changed, but for an
error of ours, which the verdict takes the place of.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, select

from grader.errors import UsageError
from grader.gradebook import tables
from grader.gradebook.database import Database
from grader.gradebook.model import (
    Attempt,
    AttemptStatus,
    Handed,
    Key,
    Result,
    Student,
)
from grader.gradebook.recording import CONTENT, KEY, hand_in, is_known, record_grading


class Gradebook:
    """An open gradebook, used by one process; other processes may have it open too."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.database.close()

    @property
    def name(self) -> str:
        """Where it lies, without a password."""
        return self.database.name

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """For the modules beside this one: several writes, committed together."""
        with self.database.write() as connection:
            yield connection

    def record(self, result: Result, *, regrade: int = 0) -> bool:
        """Commit one grading; False where its key has a verdict already, which then stays.

        On return it is on the disk. A verdict replaces an earlier error of ours of the same key.
        `regrade` names the staged regrade it belongs to.
        """
        with self.database.write() as connection:
            hand_in(connection, result.key, result.handed)
            return record_grading(connection, result, regrade)

    def notice(self, key: Key, handed: Handed) -> None:
        """Note that the submission of `key`, graded already, was handed in at this time too.

        A time that only a file says is no handing in of its own (copying changes it), and gives
        way to a better one.
        """
        with self.database.read() as connection:
            known = is_known(connection, key, handed)
        if not known:
            with self.database.write() as connection:
                hand_in(connection, key, handed)

    def already_graded(self, key: Key) -> bool:
        """Whether a verdict for exactly this key counts; an error of ours is none."""
        grading = tables.gradings.c
        query = select(grading.id).where(
            *(grading[name] == getattr(key, name) for name in KEY), *_counting()
        )
        with self.database.read() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def graded_keys(self, homework: str, *, regrade: int = 0) -> frozenset[Key]:
        """The keys of every verdict that counts; or of those that a staged regrade has so far.

        One query where a batch would ask thousands.
        """
        grading = tables.gradings.c
        query = select(*(grading[name] for name in KEY)).where(
            grading.homework == homework, *_counting(regrade)
        )
        with self.database.read() as connection:
            return frozenset(Key(**row._asdict()) for row in connection.execute(query))

    def attempts(self, homework: str, student: str | None = None) -> tuple[Attempt, ...]:
        """Every grading of every handing in, oldest first; regrades that do not count left out."""
        query = _attempts_query().where(tables.gradings.c.homework == homework, _applied())
        return self._attempts(query, student)

    def all_attempts(self, homework: str, student: str | None = None) -> tuple[Attempt, ...]:
        """The same with the gradings of staged and undone regrades: the whole history."""
        query = _attempts_query().where(tables.gradings.c.homework == homework)
        return self._attempts(query, student)

    def report(self, attempt_id: int) -> dict[str, Any] | None:
        """The report of a grading, as `grader.report.serialise` has it; None where it has none."""
        query = select(tables.gradings.c.report).where(tables.gradings.c.id == attempt_id)
        with self.database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise UsageError(f"The gradebook has no attempt {attempt_id}.")
        if row.report is None:
            return None
        value: dict[str, Any] = json.loads(zlib.decompress(row.report))
        return value

    def students(self) -> tuple[Student, ...]:
        """Everyone, in the roster or not, by id."""
        with self.database.read() as connection:
            people = [
                Student(**row._asdict()) for row in connection.execute(select(tables.students))
            ]
        return tuple(sorted(people, key=lambda student: student.id))

    def _attempts(self, query: Select[Any], student: str | None) -> tuple[Attempt, ...]:
        if student is not None:
            query = query.where(tables.gradings.c.student == student)
        with self.database.read() as connection:
            return tuple(_attempt(row) for row in connection.execute(query))


def _applied() -> ColumnElement[bool]:
    grading, regrade = tables.gradings.c, tables.regrades.c
    applied = select(regrade.id).where(regrade.state == "applied")
    return (grading.regrade == 0) | grading.regrade.in_(applied)


def _counting(regrade: int = 0) -> tuple[ColumnElement[bool], ...]:
    grading = tables.gradings.c
    belongs = grading.regrade == regrade if regrade else _applied()
    return belongs, grading.status != AttemptStatus.ERROR.value


def _attempts_query() -> Select[Any]:
    grading, submission = tables.gradings, tables.submissions
    same = and_(*(grading.c[n] == submission.c[n] for n in CONTENT))
    columns = [column for column in grading.c if column.name != "report"]
    return (
        select(
            *columns,
            submission.c.id.label("submission_id"),
            submission.c.submitted_at,
            submission.c.time_from,
            submission.c.marked_late,
            submission.c.source,
            submission.c.layout,
            submission.c.commit_hash,
        )
        .join_from(grading, submission, same)
        .order_by(grading.c.student, submission.c.submitted_at, submission.c.id, grading.c.id)
    )


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        id=row.id,
        submission_id=row.submission_id,
        key=Key(**{name: getattr(row, name) for name in KEY}),
        handed=Handed(
            submitted_at=row.submitted_at,
            time_from=row.time_from,
            marked_late=row.marked_late,
            source=row.source,
            layout=row.layout,
            commit=row.commit_hash,
        ),
        status=AttemptStatus(row.status),
        score=row.score,
        max_score=row.max_score,
        graded_at=row.graded_at,
        batch=row.batch,
        error=row.error,
        regrade=row.regrade,
        duration_s=row.duration_s,
    )
