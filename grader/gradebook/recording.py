"""Writes what was handed in and what was found, inside a transaction of the caller's.

The statements are made once for each kind of database: making them costs more than running them.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from grader.gradebook import tables
from grader.gradebook.model import FILE_TIME, AttemptStatus, Handed, Key, Result
from grader.text import safe_text

KEY = ("homework", "student", "submission_hash", "suite_hash", "environment_hash", "seed")
CONTENT = ("homework", "student", "submission_hash")
_TEXT_LIMIT = 2000
_ROW = "row_id"


def record_grading(connection: Connection, result: Result, regrade: int) -> bool:
    """Add a grading; False where its key has a verdict. One replaces an error of ours."""
    statement = _recorder(connection.dialect.name)
    return connection.execute(statement, _grading(result, regrade)).first() is not None


def hand_in(connection: Connection, key: Key, handed: Handed) -> None:
    """Add a handing in unless it is known; a good time takes the place of a file's."""
    known = _rows_of(connection, key)
    if _says_nothing_new(known, handed):
        return
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
    vague = next((row for row in known if _is_vague(row.submitted_at, row.time_from)), None)
    if vague is not None:
        connection.execute(_improver(), {_ROW: vague.id, **values})
        return
    ensure(connection, tables.students, [key.student])
    ensure(connection, tables.homeworks, [key.homework])
    content = {name: getattr(key, name) for name in CONTENT}
    connection.execute(_inserter(connection.dialect.name, "submissions"), {**content, **values})


def is_known(connection: Connection, key: Key, handed: Handed) -> bool:
    """Whether `hand_in` would change nothing."""
    return _says_nothing_new(_rows_of(connection, key), handed)


def ensure(connection: Connection, table: Table, ids: Iterable[str]) -> None:
    """Add the students or homeworks `ids` that are not there yet, with nothing known of them."""
    blank = {"name": "", "email": "", "section": "", "github": "", "enrolled": False}
    others = blank if table is tables.students else {"due_at": None, "policy": None}
    rows = [{"id": name, **others} for name in ids]
    if rows:
        connection.execute(_inserter(connection.dialect.name, table.name), rows)


def _rows_of(connection: Connection, key: Key) -> list[Any]:
    values = {name: getattr(key, name) for name in CONTENT}
    return list(connection.execute(_finder(), values))


def _says_nothing_new(known: list[Any], handed: Handed) -> bool:
    if _is_vague(handed.submitted_at, handed.time_from):
        return bool(known)
    return any(row.time_key == _time_key(handed.submitted_at) for row in known)


def _is_vague(at: datetime | None, time_from: str) -> bool:
    return at is None or time_from == FILE_TIME


def _time_key(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).isoformat()


@cache
def _finder() -> Any:
    column = tables.submissions.c
    query = select(column.id, column.time_key, column.submitted_at, column.time_from)
    return query.where(*(column[name] == bindparam(name) for name in CONTENT)).order_by(column.id)


@cache
def _improver() -> Any:
    return update(tables.submissions).where(tables.submissions.c.id == bindparam(_ROW))


@cache
def _inserter(dialect: str, table: str) -> Any:
    return _insert(dialect, tables.metadata.tables[table]).on_conflict_do_nothing()


@cache
def _recorder(dialect: str) -> Any:
    gradings = tables.gradings
    index = [*KEY, "regrade"]
    statement = _insert(dialect, gradings)
    changed = {c.name: statement.excluded[c.name] for c in gradings.c}
    statement = statement.on_conflict_do_update(
        index_elements=index,
        set_={name: new for name, new in changed.items() if name not in ("id", *index)},
        where=gradings.c.status == AttemptStatus.ERROR.value,
    )
    return statement.returning(gradings.c.id)


def _insert(dialect: str, table: Table) -> Any:
    return (sqlite if dialect == "sqlite" else postgresql).insert(table)


def _grading(result: Result, regrade: int) -> dict[str, Any]:
    report = result.report
    packed = None
    if report is not None:
        packed = zlib.compress(json.dumps(report, separators=(",", ":")).encode("utf-8"))
    return {
        **{name: getattr(result.key, name) for name in KEY},
        "regrade": regrade,
        "status": result.status.value,
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
