"""The tables as the code reads them; `migrations/versions` makes them.

`submissions` says what was handed in and when, `gradings` what was found; a grading belongs to
every handing in of the same content. What instructors decide lies in the tables after those, each
change with its row before and after in `changes`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from grader.gradebook.types import Exact, Utc

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

students = Table(
    "students",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, default=""),
    Column("email", Text, nullable=False, default=""),
    Column("section", Text, nullable=False, default=""),
    Column("github", Text, nullable=False, default=""),
    Column("enrolled", Boolean, nullable=False, default=False),
)

homeworks = Table(
    "homeworks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("due_at", Utc),
    Column("policy", Text),  # JSON of what is not the course's
)

settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),  # JSON
)

submissions = Table(
    "submissions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("homework", Text, ForeignKey("homeworks.id"), nullable=False),
    Column("student", Text, ForeignKey("students.id"), nullable=False),
    Column("submission_hash", Text, nullable=False),
    Column("time_key", Text, nullable=False),  # submitted_at as text, "" for none: unique
    Column("submitted_at", Utc),
    Column("time_from", Text, nullable=False),
    Column("marked_late", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("layout", Text, nullable=False),
    Column("commit_hash", Text),
    Column("noticed_at", Utc, nullable=False),
    UniqueConstraint("homework", "student", "submission_hash", "time_key"),
    sqlite_autoincrement=True,
)

gradings = Table(
    "gradings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("homework", Text, ForeignKey("homeworks.id"), nullable=False),
    Column("student", Text, ForeignKey("students.id"), nullable=False),
    Column("submission_hash", Text, nullable=False),
    Column("suite_hash", Text, nullable=False),
    Column("environment_hash", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("regrade", Integer, nullable=False),  # 0: none
    Column("status", Text, nullable=False),
    Column("score", Exact),
    Column("max_score", Exact),
    Column("graded_at", Utc, nullable=False),
    Column("batch", Text, nullable=False),
    Column("error", Text),
    Column("duration_s", Float, nullable=False),
    Column("report", LargeBinary),  # JSON, compressed by zlib
    UniqueConstraint(
        "homework",
        "student",
        "submission_hash",
        "suite_hash",
        "environment_hash",
        "seed",
        "regrade",
    ),
    sqlite_autoincrement=True,
)

regrades = Table(
    "regrades",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("homework", Text, ForeignKey("homeworks.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),  # staged, applied
    Column("started_at", Utc, nullable=False),
    sqlite_autoincrement=True,
)

extensions = Table(
    "extensions",
    metadata,
    Column("homework", Text, ForeignKey("homeworks.id"), primary_key=True),
    Column("student", Text, ForeignKey("students.id"), primary_key=True),
    Column("due_at", Utc, nullable=False),
    Column("reason", Text, nullable=False),
)

excuses = Table(
    "excuses",
    metadata,
    Column("homework", Text, ForeignKey("homeworks.id"), primary_key=True),
    Column("student", Text, ForeignKey("students.id"), primary_key=True),
    Column("reason", Text, nullable=False),
)

adjustments = Table(
    "adjustments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("homework", Text, ForeignKey("homeworks.id"), nullable=False),
    Column("student", Text, ForeignKey("students.id"), nullable=False),
    Column("kind", Text, nullable=False),  # add, set
    Column("points", Exact, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", Utc, nullable=False),
    Index(None, "homework", "student"),
    sqlite_autoincrement=True,
)

changes = Table(
    "changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("made_at", Utc, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("homework", Text),
    Column("student", Text),
    Column("reason", Text, nullable=False),
    Column("rows", Text, nullable=False),  # JSON: [[table, key, before | null, after | null]]
    Column("undone_at", Utc),
    Column("undone_by", Text),
    sqlite_autoincrement=True,
)
