"""Gradebooks to test with: each test that asks for one runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from grader.gradebook import Result, open_gradebook
from grader.gradebook.book import Gradebook
from grader.gradebook.model import Handed, Key
from grader.gradebook.tables import metadata
from tests import postgres

NOON = datetime(2026, 10, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    why = postgres.missing()
    if why is not None:
        pytest.skip(why)
    with postgres.server() as folder:
        yield folder


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new gradebook can be: a file's path, or a URL."""
    if database == "sqlite":
        return str(tmp_path / "gradebook.db")
    return postgres.make_place(request.getfixturevalue("postgres_server"))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty gradebook in a file, to be copied."""
    path = tmp_path_factory.mktemp("gradebook") / "empty.db"
    open_gradebook(str(path)).close()
    return path


@pytest.fixture(scope="session")
def postgres_book(postgres_server: str) -> Iterator[Gradebook]:
    """A gradebook in PostgreSQL, to be emptied."""
    with open_gradebook(postgres.make_place(postgres_server)) as opened:
        yield opened


@pytest.fixture
def book(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Gradebook]:
    """An open gradebook with nothing in it."""
    if database == "sqlite":
        path = shutil.copyfile(request.getfixturevalue("migrated"), tmp_path / "gradebook.db")
        with open_gradebook(str(path)) as opened:
            yield opened
        return
    opened = request.getfixturevalue("postgres_book")
    names = ", ".join(metadata.tables)
    with opened.transaction() as connection:
        connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
    yield opened


@pytest.fixture
def reopen(book: Gradebook) -> Callable[[], Gradebook]:
    """Opens the same gradebook once more, as another process would."""
    url = book.database.engine.url.render_as_string(hide_password=False)
    return lambda: open_gradebook(url, create=False)


def make_result(
    student: str = "ana",
    score: float | None = 92.5,
    *,
    homework: str = "hw3",
    submission: str = "s1",
    suite: str = "t1",
    environment: str = "e1",
    at: datetime | None = NOON,
    source: str = "submissions/ana",
    **others: Any,
) -> Result:
    key = Key(
        homework=homework,
        student=student,
        submission_hash=submission,
        suite_hash=suite,
        environment_hash=environment,
    )
    handed = Handed(submitted_at=at, time_from="commit", source=source, layout="github")
    report = {"score": score, "max_score": 100, "problems": []}
    return Result(key=key, handed=handed, report=report, **others)
