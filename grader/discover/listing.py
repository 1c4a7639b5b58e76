"""Looks into folders without following a link, and reads small files out of them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from grader.discover.model import Child
from grader.errors import SubmissionError, UsageError
from grader.submission.folder import kind_of, read_file
from grader.submission.listing import is_clutter

CHILDREN = 200_000  # of one folder
SUBMISSION_SUFFIXES = (".py", ".ipynb", ".zip")
_WALKED = 2_000  # files looked at for the newest time of one submission
# hidden things that systems and editors leave everywhere, and that nobody hands in
_LITTER = ("._", ".DS_Store", "__MACOSX", ".git", ".ipynb_checkpoints", ".idea", ".vscode")


def children(folder: Path) -> tuple[Child, ...]:
    """What lies in `folder`, by name; hidden things and caches left out. UsageError for none."""
    try:
        with os.scandir(folder) as found:
            names = sorted(entry.name for entry in islice(found, CHILDREN + 1))
    except OSError as err:
        raise UsageError(f"The folder {str(folder)!r} cannot be read: {err.strerror}.") from err
    if len(names) > CHILDREN:
        raise UsageError(f"The folder {str(folder)!r} holds more than {CHILDREN} things.")
    kept = [name for name in names if not _is_hidden(name)]
    return tuple(Child(name=name, path=folder / name, kind=_kind(folder / name)) for name in kept)


def hidden(folder: Path) -> list[str]:
    """Names in `folder` that `children` leaves out though a submission might be called so."""
    try:
        with os.scandir(folder) as found:
            names = sorted(
                entry.name for entry in islice(found, CHILDREN) if _is_hidden(entry.name)
            )
    except OSError:
        return []
    return [
        name
        for name in names
        if not name.startswith(_LITTER)
        and (is_folder(folder / name) or Path(name).suffix.lower() in SUBMISSION_SUFFIXES)
    ]


def _is_hidden(name: str) -> bool:
    return is_clutter(name) or is_clutter(f"{name}/x")


def may_be_submission(child: Child) -> bool:
    """Whether a submission may lie there: a link or a device too, which grading then refuses."""
    if child.kind in ("file", "folder"):
        return child.kind == "folder" or child.suffix in SUBMISSION_SUFFIXES
    return child.suffix in (*SUBMISSION_SUFFIXES, "")


def is_folder(path: Path) -> bool:
    """Whether a folder itself, not a link to one, lies at `path`."""
    return _kind(path) == "folder"


def is_file(path: Path) -> bool:
    """Whether a regular file itself, not a link to one, lies at `path`."""
    return _kind(path) == "file"


def _kind(path: Path) -> str:
    try:
        return kind_of(path)
    except SubmissionError:
        return "unreadable"


def read_small(root: Path, relative: str, limit: int) -> bytes | None:
    """The file `relative` under `root`; None where there is none, a link is on the way or it is
    larger than `limit` bytes."""
    path = root
    parts = relative.split("/")
    for part in parts[:-1]:
        path = path / part
        if not is_folder(path):
            return None
    try:
        data = read_file(path / parts[-1], limit)
    except SubmissionError:
        return None
    return data if len(data) <= limit else None


def newest_time(path: Path) -> datetime | None:
    """When `path`, or the newest file in it that a submission may hold, was last modified."""
    newest: float | None = None
    looked_at = 0
    waiting = [path]
    while waiting and looked_at < _WALKED:
        current = waiting.pop()
        looked_at += 1
        try:
            kind = kind_of(current)
            if kind == "folder":
                with os.scandir(current) as entries:
                    names = sorted(entry.name for entry in islice(entries, _WALKED))
                kept = [current / name for name in names if not is_clutter(f"{name}/x")]
                waiting += kept[: max(_WALKED - looked_at - len(waiting), 0)]
            elif kind == "file" and current.suffix.lower() in SUBMISSION_SUFFIXES:
                time = os.lstat(current).st_mtime
                newest = time if newest is None else max(newest, time)
        except (OSError, ValueError, SubmissionError):
            continue
    try:
        return None if newest is None else datetime.fromtimestamp(newest, UTC)
    except (ValueError, OverflowError, OSError):
        return None
