"""The first schema."""

import sqlalchemy as sa
from alembic import op

from grader.gradebook.types import Exact, Utc

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "students",
        sa.Column("id", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("section", sa.Text, nullable=False),
        sa.Column("github", sa.Text, nullable=False),
        sa.Column("enrolled", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_students"),
    )
    op.create_table(
        "homeworks",
        sa.Column("id", sa.Text),
        sa.Column("due_at", Utc),
        sa.Column("policy", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_homeworks"),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.Text),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_settings"),
    )
    op.create_table(
        "submissions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("homework", sa.Text, nullable=False),
        sa.Column("student", sa.Text, nullable=False),
        sa.Column("submission_hash", sa.Text, nullable=False),
        sa.Column("time_key", sa.Text, nullable=False),
        sa.Column("submitted_at", Utc),
        sa.Column("time_from", sa.Text, nullable=False),
        sa.Column("marked_late", sa.Boolean, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("layout", sa.Text, nullable=False),
        sa.Column("commit_hash", sa.Text),
        sa.Column("noticed_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
        sa.UniqueConstraint(
            "homework", "student", "submission_hash", "time_key", name="uq_submissions"
        ),
        *_belongs("submissions"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "gradings",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("homework", sa.Text, nullable=False),
        sa.Column("student", sa.Text, nullable=False),
        sa.Column("submission_hash", sa.Text, nullable=False),
        sa.Column("suite_hash", sa.Text, nullable=False),
        sa.Column("environment_hash", sa.Text, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("regrade", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("score", Exact),
        sa.Column("max_score", Exact),
        sa.Column("graded_at", Utc, nullable=False),
        sa.Column("batch", sa.Text, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("duration_s", sa.Float, nullable=False),
        sa.Column("report", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_gradings"),
        sa.UniqueConstraint(
            "homework",
            "student",
            "submission_hash",
            "suite_hash",
            "environment_hash",
            "seed",
            "regrade",
            name="uq_gradings",
        ),
        *_belongs("gradings"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "regrades",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("homework", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("started_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_regrades"),
        _foreign("regrades", "homework", "homeworks"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "extensions",
        sa.Column("homework", sa.Text),
        sa.Column("student", sa.Text),
        sa.Column("due_at", Utc, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("homework", "student", name="pk_extensions"),
        *_belongs("extensions"),
    )
    op.create_table(
        "excuses",
        sa.Column("homework", sa.Text),
        sa.Column("student", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("homework", "student", name="pk_excuses"),
        *_belongs("excuses"),
    )
    op.create_table(
        "adjustments",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("homework", sa.Text, nullable=False),
        sa.Column("student", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("points", Exact, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("made_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_adjustments"),
        *_belongs("adjustments"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_adjustments_homework_student", "adjustments", ["homework", "student"])
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("made_at", Utc, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("homework", sa.Text),
        sa.Column("student", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("rows", sa.Text, nullable=False),
        sa.Column("undone_at", Utc),
        sa.Column("undone_by", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
        sqlite_autoincrement=True,
    )


def _foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def _belongs(table: str) -> list[sa.ForeignKeyConstraint]:
    return [
        _foreign(table, "homework", "homeworks"),
        _foreign(table, "student", "students"),
    ]
