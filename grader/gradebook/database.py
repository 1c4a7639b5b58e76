"""A database as the gradebook needs it: durable, safe for several writers, migrated on opening.

SQLite runs with a write-ahead log, a full sync at each commit and a lock taken where a writing
transaction begins; PostgreSQL as it comes. Any other database is refused.
"""

from __future__ import annotations

import contextlib
import os
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, inspect, text
from sqlalchemy.engine import URL, make_url

from grader.errors import InternalError, UsageError

HEAD = "0001"  # the newest step in migrations/versions
MIGRATIONS = Path(__file__).with_name("migrations")
BUSY_S = 60.0  # how long a writer of SQLite waits for another: grading a batch holds no lock
_MIGRATION_LOCK = 7_204_118_341  # names our advisory lock in PostgreSQL
_WRITE = "grader_write"
_SQLITE = b"SQLite format 3\0"  # how every database file of SQLite begins


class Database:
    """One open database; `read` and `write` give a connection inside one transaction."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine, self.name = engine, name
        self._writer = engine.execution_options(**{_WRITE: True})
        if hasattr(os, "register_at_fork"):  # a child must not use its parent's connections
            forget = weakref.WeakMethod(self._forget)
            os.register_at_fork(after_in_child=lambda: (forget() or _nothing)())

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        with _our_errors(self.name), self.engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """Committed, and on the disk, when the block ends; nothing of it where it raises."""
        with _our_errors(self.name), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()

    def _forget(self) -> None:
        self.engine.dispose(close=False)


def _nothing() -> None: ...


def open_database(place: str, *, create: bool = True) -> Database:
    """Open `place`, a path or a URL, and bring its schema up to date.

    With `create` false a gradebook that does not exist yet is a UsageError.
    """
    url = database_url(place)
    shown = url.database or "" if _is_sqlite(url) else url.render_as_string(hide_password=True)
    path = Path(url.database) if _is_sqlite(url) and url.database else None
    if path is not None:
        _refuse_other_files(path)
    if path is not None and not path.is_file():
        if not create:
            raise UsageError(
                f"There is no gradebook at {shown}.",
                hint="grader batch makes one, and so does grader gradebook roster; "
                "another is named with --gradebook.",
            )
        if not path.parent.is_dir():
            raise UsageError(f"There is no folder {str(path.parent)!r} for the gradebook.")
    database = Database(_engine(url), shown)
    try:
        _bring_up_to_date(database)
    except BaseException:
        database.close()
        raise
    return database


def _refuse_other_files(path: Path) -> None:
    """UsageError where something is at `path` that is no database: a roster, a folder."""
    hint = "--gradebook names the gradebook's own file; without it, that is gradebook.db."
    if path.is_dir():
        raise UsageError(f"{path} is a folder, not a gradebook.", hint=hint)
    try:
        with path.open("rb") as file:
            begin = file.read(len(_SQLITE))
    except FileNotFoundError:
        return
    except OSError as err:
        raise UsageError(f"{path} cannot be read: {err.strerror}.") from err
    if begin not in (b"", _SQLITE):  # a new database is empty until its first commit
        raise UsageError(f"{path} is not a gradebook: something else is in it.", hint=hint)


def database_url(place: str) -> URL:
    """`place` as SQLAlchemy's URL: a path means SQLite, PostgreSQL means psycopg 3."""
    if "://" not in place:
        return URL.create("sqlite", database=os.path.abspath(place))
    try:
        url = make_url(place)
        backend = url.get_backend_name()
    except exc.ArgumentError as err:
        raise UsageError("The gradebook's URL cannot be read.") from err
    if backend == "sqlite" and url.database and url.database != ":memory:":
        return url.set(database=os.path.abspath(url.database))
    if backend not in ("postgresql", "postgres"):
        raise UsageError(
            f"A gradebook cannot lie in {backend!r}.",
            hint="Give a file (SQLite) or a URL like postgresql://user@host/database.",
        )
    return url.set(drivername="postgresql+psycopg")


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _engine(url: URL) -> Engine:
    if not _is_sqlite(url):
        return create_engine(url, pool_pre_ping=True, pool_size=2)
    engine = create_engine(url, connect_args={"timeout": BUSY_S})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver shall begin nothing by itself
    deadline = time.monotonic() + BUSY_S
    while True:
        try:  # a change of the journal's kind does not wait for other processes by itself
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except Exception as err:
            if "locked" not in str(err) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _bring_up_to_date(database: Database) -> None:
    with database.read() as connection:
        if _version(connection) == HEAD:
            return
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        version = _version(connection)
        if version == HEAD:
            return  # another process was quicker
        if version is None and (others := inspect(connection).get_table_names()):
            raise UsageError(
                f"{database.name} holds other tables ({', '.join(sorted(others)[:3])}) "
                "and no gradebook.",
                hint="Name an empty database, or a file of its own, with --gradebook.",
            )
        _migrate(database, connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _migrate(database: Database, connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, HEAD)
    except CommandError as err:
        raise UsageError(
            f"{database.name} was written by another version of the grader: {err}",
            hint="Use the newest grader that this gradebook was opened with.",
        ) from err


@contextlib.contextmanager
def _our_errors(name: str) -> Iterator[None]:
    try:
        yield
    except exc.OperationalError as err:
        raise InternalError(
            f"The gradebook {name} cannot be used: {_first_line(err)}",
            hint="Nothing that was recorded is lost; the same command goes on from there.",
        ) from err
    except exc.DatabaseError as err:
        raise InternalError(f"The gradebook {name} failed: {_first_line(err)}") from err


def _first_line(err: exc.DBAPIError) -> str:
    return (str(err.orig).strip().splitlines() or ["no reason was given"])[0]
