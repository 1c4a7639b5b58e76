"""What was found, as frozen data, and what each layout is given to find it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

FILE_TIME = "file"  # `time_from` where only the file's own modification time says when


@dataclass(frozen=True, kw_only=True)
class Found:
    """One submission.

    `student_key` is what the layout calls the student; `identities` what it says of them, the
    surest first ("id", "email", "github", "name", "squashed": a name without its spaces).
    `path` is for `grader.submission.load_submission`; `source` names it for people and stays the
    same from run to run. `submitted_at` is aware UTC; `time_from` is what said it. `attempt`
    counts from 1 where the platform numbers resubmissions. `unreadable` says why it cannot be
    graded, where that is known before it is read.
    """

    student_key: str
    path: Path
    layout: str
    source: str
    identities: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    submitted_at: datetime | None = None
    time_from: str = ""
    commit: str | None = None
    marked_late: bool = False
    attempt: int | None = None
    unreadable: str | None = None


@dataclass(frozen=True, kw_only=True)
class Discovery:
    """All that was found in one place, by student, and a line for everything that was not used.

    `inside` names that place where it is a folder inside the one that was given, else "".
    """

    layout: str
    found: tuple[Found, ...]
    problems: tuple[str, ...] = ()
    inside: str = ""


@dataclass(frozen=True, kw_only=True)
class Child:
    """Something in a folder: `kind` is "file", "folder" or in words what else."""

    name: str
    path: Path
    kind: str

    @property
    def suffix(self) -> str:
        return self.path.suffix.lower()


@dataclass(frozen=True, kw_only=True)
class Place:
    """A folder to look at and what is looked for; `children` are sorted by name.

    `label` is its name for people. `work` is a folder that a layout may put files together in.
    `has_times` is false where the files were unpacked just now, so that theirs say nothing.
    """

    folder: Path
    label: str
    children: tuple[Child, ...]
    homework: str
    module: str
    work: Path
    has_times: bool


@dataclass
class Finding:
    """What a layout makes of a place; `used` are the names of children it understood."""

    found: list[Found] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
