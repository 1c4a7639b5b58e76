"""What instructors decide: roster, due dates, policies, extensions, excuses, adjustments.

Each change is one transaction that keeps the rows before and after, so that `history` tells it and
`undo` takes it back. Results are not changed here.
"""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, insert, select, text, update

from grader.errors import UsageError
from grader.gradebook import tables
from grader.gradebook.book import Gradebook
from grader.gradebook.model import Student
from grader.gradebook.policy import Policy, changed, option_of, policy_to_dict, shown
from grader.gradebook.recording import ensure
from grader.gradebook.types import Exact, Utc
from grader.gradebook.words import amount, counted, moment, signed
from grader.text import safe_text

COURSE_POLICY = "policy"  # its name in the table of settings
_LOCK = 7_204_118_342  # one change at a time in PostgreSQL; SQLite has one writer anyway
_MOST_POINTS, _MOST_PLACES = Decimal(1_000_000), 6

Row = dict[str, Any] | None
Touched = tuple[Table, dict[str, Any], Row, Row]  # table, key, before, after


@dataclass(frozen=True, kw_only=True)
class Change:
    """One decision in the gradebook's history; `undone_at` where it was taken back."""

    id: int
    made_at: datetime
    made_by: str
    what: str
    homework: str | None
    student: str | None
    reason: str
    undone_at: datetime | None
    undone_by: str | None


def import_students(book: Gradebook, people: Sequence[Student], reason: str = "") -> int:
    """Take over a roster: those in it are enrolled, all others no longer.

    The change's id, or 0 where the gradebook knew all of it already.
    """
    for person in people:
        check_id(person.id)
    listed = {person.id: asdict(person) | {"enrolled": True} for person in people}
    with book.transaction() as connection:
        _one_at_a_time(connection)
        ensure(connection, tables.students, listed)
        touched = []
        for row in connection.execute(select(tables.students)).mappings().all():
            after = listed.get(row["id"], {**row, "enrolled": False})
            if after != dict(row):
                touched.append(_put(connection, tables.students, {"id": row["id"]}, after))
        if not touched:
            return 0
        what = f"roster of {counted(len(listed), 'student')}"
        return _log(connection, what, None, None, reason, touched)


def set_due(book: Gradebook, homework: str, due_at: datetime | None, reason: str = "") -> int:
    """Set or (None) remove a homework's due date."""
    what = f"due {moment(due_at)}" if due_at else "no due date"
    return _homework(book, homework, {"due_at": due_at}, what, reason)


def set_policy(
    book: Gradebook, homework: str | None, named: Mapping[str, Any], reason: str = ""
) -> int:
    """Change what is `named` of the course's policy, or (with a homework) of that homework's own.

    A homework keeps only what was named for it: all else stays the course's, also where that
    changes later.
    """
    with book.transaction() as connection:
        _one_at_a_time(connection)
        if homework is None:
            table, key, column = tables.settings, {"name": COURSE_POLICY}, "value"
        else:
            if "late_days" in named:
                raise UsageError("The bank of late days belongs to the course, not one homework.")
            ensure(connection, tables.homeworks, [homework])
            table, key, column = tables.homeworks, {"id": homework}, "policy"
        row = _get(connection, table, key) or {}
        before = json.loads(row.get(column) or "{}")
        whole = policy_to_dict(changed(Policy(), {**before, **named}))
        values = {name: whole[name] for name in whole if name in before or name in named}
        touched = _put(connection, table, key, {column: json.dumps(values)})
        whose = "course policy" if homework is None else "policy"
        what = f"{whose}: {', '.join(f'{option_of(n)} {shown(v)}' for n, v in values.items())}"
        return _log(connection, what, homework, None, reason, [touched])


def drop_policy(book: Gradebook, homework: str, reason: str = "") -> int:
    """The homework has nothing of its own any more: all of its policy is the course's."""
    return _homework(book, homework, {"policy": None}, "the course's policy", reason)


def extend(book: Gradebook, homework: str, student: str, due_at: datetime, reason: str) -> int:
    """Give one student until `due_at`; takes the place of an earlier extension."""
    values = {"due_at": due_at, "reason": _reason(reason)}
    what = f"extended to {moment(due_at)}"
    return _of_student(book, tables.extensions, homework, student, values, what, reason)


def remove_extension(book: Gradebook, homework: str, student: str, reason: str) -> int:
    """Take an extension away."""
    words = "extension removed"
    return _of_student(book, tables.extensions, homework, student, None, words, reason)


def excuse(book: Gradebook, homework: str, student: str, reason: str) -> int:
    """The homework shall not count for this student."""
    values = {"reason": _reason(reason)}
    return _of_student(book, tables.excuses, homework, student, values, "excused", reason)


def remove_excuse(book: Gradebook, homework: str, student: str, reason: str) -> int:
    """The homework counts again."""
    words = "no longer excused"
    return _of_student(book, tables.excuses, homework, student, None, words, reason)


def adjust(
    book: Gradebook, homework: str, student: str, kind: str, points: Decimal, reason: str
) -> int:
    """Add `points` (kind "add", may be negative) or set the grade to them (kind "set")."""
    if kind not in ("add", "set"):
        raise UsageError("An adjustment is of kind add or set.")
    if not points.is_finite() or abs(points) > _MOST_POINTS:
        raise UsageError(f"An adjustment is a number of at most {amount(_MOST_POINTS)} points.")
    if int(points.as_tuple().exponent) < -_MOST_PLACES:
        raise UsageError(f"An adjustment has at most {_MOST_PLACES} decimals.")
    if kind == "set" and points < 0:
        raise UsageError("A grade cannot be set below 0.")
    values = {
        "homework": homework,
        "student": student,
        "kind": kind,
        "points": points,
        "reason": _reason(reason),
        "made_at": datetime.now(UTC),
    }
    what = f"set to {amount(points)}" if kind == "set" else f"adjusted by {signed(points)}"
    with book.transaction() as connection:
        _one_at_a_time(connection)
        _known(connection, student)
        ensure(connection, tables.homeworks, [homework])
        key = {"id": _insert(connection, tables.adjustments, values)}
        touched = (tables.adjustments, key, None, {**key, **values})
        return _log(connection, what, homework, student, reason, [touched])


def set_state(connection: Connection, regrade: int, homework: str, state: str, reason: str) -> int:
    """Let a regrade count (or not), as a change that can be undone; for `regrades.py`."""
    _one_at_a_time(connection)
    touched = _put(connection, tables.regrades, {"id": regrade}, {"state": state})
    return _log(connection, f"regrade {regrade} {state}", homework, None, reason, [touched])


def history(
    book: Gradebook, homework: str | None = None, student: str | None = None
) -> tuple[Change, ...]:
    """Every change, oldest first; of one homework or student where named."""
    columns = [column for column in tables.changes.c if column.name != "rows"]
    query = select(*columns).order_by(tables.changes.c.id)
    if homework is not None:
        query = query.where(tables.changes.c.homework == homework)
    if student is not None:
        query = query.where(tables.changes.c.student == student)
    with book.database.read() as connection:
        return tuple(Change(**row._asdict()) for row in connection.execute(query))


def undo(book: Gradebook, change: int | None = None) -> Change:
    """Take a change back, by default the last that still holds; the change is returned.

    UsageError where nothing is left to undo or a later change rests on it.
    """
    column = tables.changes.c
    query = select(tables.changes).where(column.undone_at.is_(None)).order_by(column.id.desc())
    with book.transaction() as connection:
        _one_at_a_time(connection)
        if change is not None:
            query = query.where(column.id == change)
        found = connection.execute(query.limit(1)).mappings().first()
        if found is None:
            which = "There is nothing to undo." if change is None else _not_there(change)
            raise UsageError(which, hint="grader gradebook history lists the changes.")
        for name, key, before, after in json.loads(found["rows"]):
            table = tables.metadata.tables[name]
            if _encoded(_get(connection, table, _decoded(table, key))) != after:
                raise UsageError(
                    f"Change {found['id']} ({found['what']}) cannot be undone: "
                    "a later change rests on it.",
                    hint="Undo the later change first; grader gradebook history lists them.",
                )
            _put(connection, table, _decoded(table, key), _decoded(table, before))
        mark = {"undone_at": datetime.now(UTC), "undone_by": _who()}
        connection.execute(update(tables.changes).where(column.id == found["id"]).values(mark))
    values = {name: found[name] for name in Change.__dataclass_fields__}
    return Change(**{**values, **mark})


def check_id(student: str) -> str:
    """A student's id as the gradebook takes it, or a UsageError."""
    if not student or student != safe_text(student, 200) or student != student.strip():
        raise UsageError(f"{safe_text(student, 60)!r} cannot be a student's id.")
    return student


def _homework(
    book: Gradebook, homework: str, values: dict[str, Any], what: str, reason: str
) -> int:
    with book.transaction() as connection:
        _one_at_a_time(connection)
        ensure(connection, tables.homeworks, [homework])
        touched = _put(connection, tables.homeworks, {"id": homework}, values)
        return _log(connection, what, homework, None, reason, [touched])


def _of_student(
    book: Gradebook,
    table: Table,
    homework: str,
    student: str,
    values: Row,
    what: str,
    reason: str,
) -> int:
    with book.transaction() as connection:
        _one_at_a_time(connection)
        _known(connection, student)
        ensure(connection, tables.homeworks, [homework])
        key = {"homework": homework, "student": student}
        touched = _put(connection, table, key, values)
        if touched[2] is None and values is None:
            raise UsageError(f"There is nothing to remove for {student!r} in {homework}.")
        return _log(connection, what, homework, student, reason, [touched])


def _put(connection: Connection, table: Table, key: dict[str, Any], values: Row) -> Touched:
    """Insert, change or (None) delete the row of `key`; what was there and what is now."""
    before = _get(connection, table, key)
    where = and_(*(table.c[name] == value for name, value in key.items()))
    if values is None:
        connection.execute(delete(table).where(where))
    elif before is None:
        connection.execute(insert(table).values({**key, **values}))
    else:
        connection.execute(update(table).where(where).values(values))
    return table, key, before, _get(connection, table, key)


def _get(connection: Connection, table: Table, key: dict[str, Any]) -> Row:
    query = select(table).where(*(table.c[name] == value for name, value in key.items()))
    row = connection.execute(query).mappings().first()
    return None if row is None else dict(row)


def _log(
    connection: Connection,
    what: str,
    homework: str | None,
    student: str | None,
    reason: str,
    touched: Iterable[Touched],
) -> int:
    rows = [
        [t.name, _encoded(k), _encoded(before), _encoded(after)] for t, k, before, after in touched
    ]
    values = {
        "made_at": datetime.now(UTC),
        "made_by": _who(),
        "what": what,
        "homework": homework,
        "student": student,
        "reason": safe_text(reason),
        "rows": json.dumps(rows),
    }
    return _insert(connection, tables.changes, values)


def _insert(connection: Connection, table: Table, values: dict[str, Any]) -> int:
    statement = insert(table).values(values).returning(table.c.id)
    return int(connection.execute(statement).scalar_one())


def _encoded(row: Row) -> Row:
    """A row as JSON values; decimals in one way of writing, so that equal ones compare equal."""
    if row is None:
        return None
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return amount(value).replace("−", "-")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value


def _decoded(table: Table, row: Row) -> Any:
    if row is None:
        return None
    return {name: _typed(table.c[name].type, value) for name, value in row.items()}


def _typed(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, Exact):
        return Decimal(value)
    return datetime.fromisoformat(value) if isinstance(kind, Utc) else value


def _known(connection: Connection, student: str) -> None:
    if _get(connection, tables.students, {"id": student}) is None:
        raise UsageError(
            f"The gradebook knows no student {student!r}.",
            hint="grader gradebook students lists them; a roster is read by grader gradebook "
            "roster FILE.",
        )


def _reason(reason: str) -> str:
    if not reason.strip():
        raise UsageError(
            "A reason is needed: it stays in the history.", hint='Say it: --reason "..."'
        )
    return safe_text(reason)


def _not_there(change: int) -> str:
    return f"There is no change {change} that still holds."


def _one_at_a_time(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def _who() -> str:
    try:
        return safe_text(getpass.getuser(), 100)
    except (KeyError, OSError):
        return ""
