"""What a folder or zip holds, before any of it is read: names, sizes and how to read each.

Names are checked here, the same way for both; nothing is opened.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from grader.submission import limits
from grader.text import safe_text

IGNORED_FOLDERS = frozenset(
    {"__MACOSX", "__pycache__", "node_modules", "site-packages", "venv", "virtualenv"}
)
IGNORED_FILES = frozenset({"Thumbs.db", "desktop.ini"})


@dataclass(frozen=True)
class Entry:
    """One regular file: its relative name with `/`, and `read(limit)`.

    `read` returns at most `limit` + 1 bytes, so that one byte too many shows that it is larger;
    it raises SubmissionError where the file cannot be read.
    """

    name: str
    read: Callable[[int], bytes]

    @property
    def base(self) -> str:
        return PurePosixPath(self.name).name

    @property
    def folder(self) -> str:
        parent = str(PurePosixPath(self.name).parent)
        return "" if parent == "." else parent

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix.lower()

    @property
    def depth(self) -> int:
        return self.name.count("/")


@dataclass
class Notes:
    """Collects what is told about a submission; each note is made safe, their number is bounded."""

    items: list[str] = field(default_factory=list)
    dropped: int = 0

    def add(self, text: str) -> None:
        if len(self.items) < limits.NOTES:
            self.items.append(safe_text(text, 300))
        else:
            self.dropped += 1

    def extend(self, texts: Iterable[str]) -> None:
        for text in texts:
            self.add(text)

    def all(self) -> tuple[str, ...]:
        more = (f"… and {self.dropped} more notes.",) if self.dropped else ()
        return (*self.items, *more)


def is_clutter(name: str) -> bool:
    """Whether a relative name is of no interest: hidden, a cache, an environment's."""
    *folders, base = name.split("/")
    return (
        base in IGNORED_FILES
        or _is_hidden(base)
        or any(_is_hidden(part) or part in IGNORED_FOLDERS for part in folders)
    )


def _is_hidden(part: str) -> bool:
    return part.startswith(".") and part not in (".", "..")


def name_fault(name: str) -> str | None:
    """What is wrong with a file's relative name, or None where it is plain."""
    parts = name.split("/")
    if len(name) > limits.NAME_CHARS:
        return "its name is too long"
    if any(unicodedata.category(char).startswith("C") for char in name) or "\\" in name:
        return "its name holds control characters or backslashes"
    if name.startswith("/") or (len(name) > 1 and name[1] == ":"):
        return "its name is an absolute path"
    if ".." in parts:
        return "its name leads out of the submission"
    if any(part.strip() in ("", ".") for part in parts):
        return "its name has an empty part"
    if len(parts) > limits.DEPTH + 1:
        return f"it lies more than {limits.DEPTH} folders deep"
    return None


def shown(name: str) -> str:
    """A name from a submission, safe and short, in quotes."""
    return f"'{safe_text(name, 80)}'"


def some(names: Iterable[str], count: int = 8) -> str:
    """A few of the names, for a message: "'a', 'b' and 3 more"."""
    every = list(names)
    text = ", ".join(shown(name) for name in every[:count])
    return f"{text} and {len(every) - count} more" if len(every) > count else text
