"""What emitters are made of: the circumstances of a report, a class's rows, and a refusal.

Frozen data only; no format is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from grader.errors import GraderError
from grader.report.model import Report


class NotGraded(GraderError):
    """An error of ours withholds the total, and the format has no way to say so."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """The student's file: `path` as its repository names it, and its text ("" if not known).

    Lines are a `.py`'s: those of a notebook are its cells', a zip has none.
    """

    path: str
    text: str = ""

    @property
    def has_lines(self) -> bool:
        return self.path.lower().endswith(".py")


@dataclass(frozen=True, kw_only=True)
class Context:
    """What some formats want beside the report: the student's file and environment variables."""

    source: Source | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, kw_only=True)
class Row:
    """One student's grade; `score` is None where there is none (not graded, withheld, excused).

    `status` is what the grades say of it: graded, missing, unreadable, error, excused, or "".
    `ids` are further names a reader may know the student by: "canvas" (Canvas's own number of the
    user), "moodle" (the participant's number in the assignment), "sis", "login", "username",
    "idnumber"; a mapping from the kind to the value.
    """

    student: str
    score: Decimal | None
    max_score: Decimal | None = None
    name: str = ""
    email: str = ""
    excused: bool = False
    status: str = ""
    ids: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A class's grades as text, and what a person should know of it, one sentence each."""

    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ClassRequest:
    """A class's rows and the file downloaded from the reader, None where none was given.

    `column` names the grade's column where the title of the homework does not.
    """

    homework: str
    title: str
    rows: tuple[Row, ...]
    downloaded: str | None = None
    column: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReportEmitter:
    """Makes text of one report; `options` of `grader export` are those it has a use for."""

    emit: Callable[[Report, Context], str]
    about: str
    options: tuple[str, ...] = ()
    of: Literal["report"] = "report"


@dataclass(frozen=True, kw_only=True)
class ClassEmitter:
    """Makes text of a class's grades; `options` of `grader export` are those it has a use for."""

    emit: Callable[[ClassRequest], Exported]
    about: str
    options: tuple[str, ...] = ()
    of: Literal["class"] = "class"
