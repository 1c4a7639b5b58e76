"""A submission as frozen data: its source in cells, its further files, its hash.

Holds text and bytes only; it does not know where they came from but for a name to show.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from grader.text import safe_text

ANSWERS_FILE = "answers.toml"  # quiz answers may lie in it


@dataclass(frozen=True)
class Cell:
    """A piece of the student's source that is run as one.

    `number` counts a notebook's code cells from 1, skipped ones too; None for a `.py`.
    `first_line` is the line of `Submission.source` where the cell begins, from 1.
    """

    source: str
    number: int | None = None
    first_line: int = 1

    def __getstate__(self) -> dict[str, object]:
        """The fields: what was computed from them is not sent on."""
        return {name: value for name, value in self.__dict__.items() if name != "lines"}

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The source's lines, split once: one cell may have many, and be asked for often."""
        return tuple(self.source.split("\n"))


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What one student handed in, read and checked.

    `name` is the last part of `path` without its ending; `source_name` the file graded ("hw3.py"),
    `source_path` the same with its folders inside `path`, where that is a folder or zip (or the zip
    in that folder that holds it); `kind` "py" or "ipynb"; `files` the further files, by their names
    relative to that file; `notes` what was left out or replaced, safe to show; `sha256` the hash of
    what can be run: outputs, metadata and Markdown of a notebook do not change it, nor does how it
    was packed.
    """

    name: str
    path: Path
    kind: str
    source_name: str
    cells: tuple[Cell, ...]
    files: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[str, ...] = ()
    sha256: str = ""
    source_path: str = ""

    def __getstate__(self) -> dict[str, object]:
        """Plain state: a read-only mapping cannot be pickled, and batches send submissions on."""
        fields = {name: value for name, value in self.__dict__.items() if name != "source"}
        return {**fields, "files": dict(self.files)}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)

    @cached_property
    def source(self) -> str:
        """All cells, one after the other; each ends its last line."""
        return "".join(cell.source for cell in self.cells)

    def shown_file(self, whole: str) -> str:
        """The file graded, with `whole` for what was handed in: "hw3.zip: ada/hw3.py"."""
        if self.source_path in ("", self.path.name):
            shown = whole
        elif self.path.suffix.lower() == ".zip":
            shown = f"{whole}: {self.source_path}"
        else:
            shown = self.source_path if whole in ("", ".") else f"{whole}/{self.source_path}"
        return safe_text(shown, 200)

    def cell_at(self, line: int) -> tuple[Cell, int]:
        """The cell that holds `line` of `source` (from 1), and the line inside that cell."""
        starts = [cell.first_line for cell in self.cells]
        cell = self.cells[max(bisect_right(starts, line) - 1, 0)]
        return cell, line - cell.first_line + 1

    def locate(self, line: int) -> str:
        """`line` of `source` in words: "hw3.py, line 12" or "hw3.ipynb, code cell 3, line 2"."""
        cell, inside = self.cell_at(line)
        where = "" if cell.number is None else f", code cell {cell.number}"
        return f"{safe_text(self.source_name, 80)}{where}, line {inside}"


def content_hash(kind: str, cells: tuple[Cell, ...], files: Mapping[str, bytes]) -> str:
    """SHA-256 in hex of what a submission can run; each part is preceded by its length."""
    digest = hashlib.sha256(b"submission 1\n")

    def add(part: bytes) -> None:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)

    add(kind.encode())
    add(len(cells).to_bytes(8, "big"))
    for cell in cells:
        add(str(cell.number).encode())
        add(cell.source.encode("utf-8"))
    for name in sorted(files):
        add(name.encode("utf-8"))
        add(files[name])
    return digest.hexdigest()
