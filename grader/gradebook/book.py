"""The gradebook: what was handed in, what was found, and where that is read again.

Every method is one transaction. Nothing that was recorded is ever deleted or changed, but for an
error of ours, which the verdict takes the place of.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from grader.errors import UsageError
from grader.gradebook import tables
from grader.gradebook.database import Database
from grader.gradebook.model import (
    FILE_TIME,
    Attempt,
    AttemptStatus,
    Handed,
    Key,
    Result,
    Student,
)
from grader.text import safe_text

_TEXT_LIMIT = 2000
_CONTENT = ("homework", "student", "submission_hash")
_KEY = ("homework", "student", "submission_hash", "suite_hash", "environment_hash", "seed")


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
        values = _grading(result, regrade)
        index = [*_KEY, "regrade"]
        with self.database.write() as connection:
            self._hand_in(connection, result.key, result.handed)
            statement = _insert(connection, tables.gradings).values(values)
            statement = statement.on_conflict_do_update(
                index_elements=index,
                set_={name: value for name, value in values.items() if name not in index},
                where=tables.gradings.c.status == AttemptStatus.ERROR.value,
            )
            return connection.execute(statement.returning(tables.gradings.c.id)).first() is not None

    def notice(self, key: Key, handed: Handed) -> None:
        """Note that the submission of `key`, graded already, was handed in at this time too.

        A time that only a file says is no handing in of its own (copying changes it), and gives
        way to a better one.
        """
        with self.database.read() as connection:
            known = _is_known(connection, key, handed)
        if not known:
            with self.database.write() as connection:
                self._hand_in(connection, key, handed)

    def already_graded(self, key: Key) -> bool:
        """Whether a verdict for exactly this key counts; an error of ours is none."""
        grading = tables.gradings.c
        query = select(grading.id).where(
            *(grading[name] == getattr(key, name) for name in _KEY), *_counting()
        )
        with self.database.read() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def graded_keys(self, homework: str, *, regrade: int = 0) -> frozenset[Key]:
        """The keys of every verdict that counts; or of those that a staged regrade has so far.

        One query where a batch would ask thousands.
        """
        grading = tables.gradings.c
        query = select(*(grading[name] for name in _KEY)).where(
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
            rows = connection.execute(select(tables.students).order_by(tables.students.c.id))
            return tuple(Student(**row._asdict()) for row in rows)

    def _attempts(self, query: Select[Any], student: str | None) -> tuple[Attempt, ...]:
        if student is not None:
            query = query.where(tables.gradings.c.student == student)
        with self.database.read() as connection:
            return tuple(_attempt(row) for row in connection.execute(query))

    def _hand_in(self, connection: Connection, key: Key, handed: Handed) -> None:
        if _is_known(connection, key, handed):
            return
        ensure(connection, tables.students, [key.student])
        ensure(connection, tables.homeworks, [key.homework])
        values = {
            "time_key": _time_key(handed.submitted_at),
            "submitted_at": handed.submitted_at,
            "time_from": safe_text(handed.time_from, _TEXT_LIMIT),
            "marked_late": handed.marked_late,
            "source": safe_text(handed.source, _TEXT_LIMIT),
            "layout": safe_text(handed.layout, _TEXT_LIMIT),
            "commit_hash": None if handed.commit is None else safe_text(handed.commit, 64),
            "noticed_at": datetime.now(UTC),
        }
        column = tables.submissions.c
        same = {name: getattr(key, name) for name in _CONTENT}
        vague = or_(column.submitted_at.is_(None), column.time_from == FILE_TIME)
        better = update(tables.submissions).where(*(column[n] == v for n, v in same.items()), vague)
        if connection.execute(better.values(values)).rowcount == 0:
            statement = _insert(connection, tables.submissions).values({**same, **values})
            connection.execute(statement.on_conflict_do_nothing())


def _is_known(connection: Connection, key: Key, handed: Handed) -> bool:
    """Whether this handing in is there; with no better time than a file's, any of the content."""
    column = tables.submissions.c
    query = select(column.id).where(*(column[name] == getattr(key, name) for name in _CONTENT))
    if handed.submitted_at is not None and handed.time_from != FILE_TIME:
        query = query.where(column.time_key == _time_key(handed.submitted_at))
    return connection.execute(query.limit(1)).first() is not None


def _time_key(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).isoformat()


def ensure(connection: Connection, table: Table, ids: Iterable[str]) -> None:
    """Add the students or homeworks `ids` that are not there yet, with nothing known of them."""
    for name in ids:
        statement = _insert(connection, table).values(id=name)
        connection.execute(statement.on_conflict_do_nothing())


def _applied() -> ColumnElement[bool]:
    grading, regrade = tables.gradings.c, tables.regrades.c
    applied = select(regrade.id).where(regrade.state == "applied")
    return (grading.regrade == 0) | grading.regrade.in_(applied)


def _counting(regrade: int = 0) -> tuple[ColumnElement[bool], ...]:
    grading = tables.gradings.c
    belongs = grading.regrade == regrade if regrade else _applied()
    return belongs, grading.status != AttemptStatus.ERROR.value


def _insert(connection: Connection, table: Table) -> Any:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def _grading(result: Result, regrade: int) -> dict[str, Any]:
    report = result.report
    status = result.status
    packed = None
    if report is not None:
        packed = zlib.compress(json.dumps(report, separators=(",", ":")).encode("utf-8"))
    return {
        **{name: getattr(result.key, name) for name in _KEY},
        "regrade": regrade,
        "status": status.value,
        "score": None if report is None else _decimal(report["score"]),
        "max_score": None if report is None else _decimal(report["max_score"]),
        "graded_at": datetime.now(UTC),
        "batch": safe_text(result.batch, _TEXT_LIMIT),
        "error": None if result.error is None else safe_text(result.error, _TEXT_LIMIT),
        "duration_s": result.duration_s,
        "report": packed,
    }


def _decimal(value: float | None) -> Decimal | None:
    """A report's number as the decimal it was written for: 2.675 is 2.675."""
    return None if value is None else Decimal(str(value))


def _attempts_query() -> Select[Any]:
    grading, submission = tables.gradings, tables.submissions
    same = and_(*(grading.c[n] == submission.c[n] for n in _CONTENT))
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
        key=Key(**{name: getattr(row, name) for name in _KEY}),
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
