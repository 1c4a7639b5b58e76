"""Opening, migrating, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from grader.errors import InternalError, UsageError
from grader.gradebook import database, open_gradebook
from grader.gradebook.database import HEAD, MIGRATIONS, database_url
from grader.gradebook.tables import metadata

from .conftest import make_result


def test_the_steps_make_what_the_tables_say(place: str) -> None:
    with open_gradebook(place) as book, book.database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_newest_step_is_named_in_the_code() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


def test_opening_again_does_not_migrate(place: str) -> None:
    open_gradebook(place).close()
    code = (
        "import sys; from grader.gradebook import open_gradebook\n"
        "open_gradebook(sys.argv[1]).close(); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, place]).returncode == 0


def test_a_gradebook_of_a_newer_grader_is_refused(place: str) -> None:
    with open_gradebook(place) as book, book.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UsageError, match="another version of the grader"):
        open_gradebook(place)


def test_a_database_of_something_else_is_left_alone(place: str) -> None:
    with open_gradebook(place) as book, book.database.write() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(UsageError, match="no gradebook"):
        open_gradebook(place)


def test_sqlite_is_set_to_lose_nothing(tmp_path: Path) -> None:
    with open_gradebook(str(tmp_path / "g.db")) as book, book.database.read() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        values = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    assert values == ["wal", 2, 1]  # 2 is FULL: a commit is on the disk


def test_a_gradebook_that_is_not_there_is_only_made_where_asked(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no gradebook"):
        open_gradebook(str(tmp_path / "g.db"), create=False)
    with pytest.raises(UsageError, match="There is no folder"):
        open_gradebook(str(tmp_path / "nowhere" / "g.db"))


@pytest.mark.parametrize("place", ["mysql://a@b/c", "sqlite://", "://", "postgresql+x:"])
def test_other_places_are_refused(place: str) -> None:
    with pytest.raises(UsageError):
        open_gradebook(place, create=False)


def test_postgresql_is_reached_by_psycopg_whatever_the_url_says() -> None:
    for url in ("postgres://a@b/c", "postgresql://a@b/c", "postgresql+psycopg2://a@b/c"):
        assert database_url(url).drivername == "postgresql+psycopg"


def test_a_password_is_never_shown() -> None:
    with pytest.raises(InternalError) as caught:
        open_gradebook("postgresql://me:hunter2@127.0.0.1:1/x?connect_timeout=2")
    assert "hunter2" not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("create", [True, False])
def test_a_file_that_is_no_gradebook_is_the_callers_mistake(tmp_path: Path, create: bool) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("id,name\nana,Ana\n")
    for place in (path, tmp_path):
        with pytest.raises(UsageError, match="not a gradebook") as caught:
            open_gradebook(str(place), create=create)
        assert "--gradebook" in str(caught.value.hint)
    assert path.read_text() == "id,name\nana,Ana\n"


def test_a_damaged_database_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    damaged = b"SQLite format 3\0" + b"my notes\n" * 200
    path.write_bytes(damaged)
    with pytest.raises(InternalError, match="not a database"):
        open_gradebook(str(path))
    assert path.read_bytes() == damaged


def test_the_result_survives_the_writer_being_killed(place: str) -> None:
    code = (
        "import os, signal, sys\n"
        "from tests.gradebook.conftest import make_result\n"
        "from grader.gradebook import open_gradebook\n"
        "from grader.gradebook.recording import hand_in\n"
        "book = open_gradebook(sys.argv[1])\n"
        "book.record(make_result())\n"
        "connection = book.database._writer.connect()\n"
        "connection.begin()\n"  # a second one is under way
        "hand_in(connection, make_result('ben').key, make_result('ben').handed)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code, place], cwd=root, check=False)
    with open_gradebook(place) as book:
        assert [attempt.student for attempt in book.attempts("hw3")] == ["ana"]
        assert [student.id for student in book.students()] == ["ana"]
        assert book.record(make_result("ben"))


def test_a_migration_that_is_interrupted_leaves_nothing(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate = database._migrate

    def interrupted(*arguments: Any) -> None:
        migrate(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(database, "_migrate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        open_gradebook(place)
    monkeypatch.undo()
    with open_gradebook(place) as book:
        assert book.record(make_result())
