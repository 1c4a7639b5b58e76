"""Files and folders as they lie on disk, opened so that a link or a device does no harm.

Never follows a symbolic link, never blocks on a FIFO, never reads more than it was allowed.
"""

from __future__ import annotations

import os
import stat
from functools import partial
from itertools import islice
from pathlib import Path

from grader.errors import SubmissionError
from grader.submission import limits
from grader.submission.listing import Entry, Notes, is_clutter, name_fault, shown

_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


def kind_of(path: Path) -> str:
    """What lies at `path`, links not followed: "file", "folder", or in words what else."""
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError) as err:
        raise SubmissionError(
            f"There is nothing to grade at {shown(str(path))}.",
            hint="Check the path; it may be a .py, a .ipynb, a folder or a .zip.",
        ) from err
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return _KINDS.get(stat.S_IFMT(mode), "no regular file")


def read_file(path: Path, limit: int, name: str | None = None) -> bytes:
    """At most `limit` + 1 bytes of the regular file `path`; SubmissionError for anything else."""
    label = shown(name or path.name)
    try:
        descriptor = os.open(path, _OPEN_FLAGS)
    except (OSError, ValueError) as err:
        raise SubmissionError(f"{label} cannot be opened: {_reason(err)}.") from err
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            what = _KINDS.get(stat.S_IFMT(status.st_mode), "no regular file")
            raise SubmissionError(f"{label} is {what}, not a file.")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(min(limit, status.st_size) + 1)  # so much is allocated at once
    except OSError as err:
        raise SubmissionError(f"{label} cannot be read: {_reason(err)}.") from err
    finally:
        os.close(descriptor)


def list_folder(root: Path, notes: Notes) -> tuple[Entry, ...]:
    """The regular files under `root`, sorted by name; what is passed over is noted."""
    entries: list[Entry] = []
    waiting = [("", root)]
    looked_at = 0
    while waiting:
        prefix, folder = waiting.pop()
        try:
            with os.scandir(folder) as found:
                children = sorted(islice(found, limits.ENTRIES + 1), key=lambda child: child.name)
        except OSError as err:
            if folder == root:
                raise SubmissionError(f"The folder cannot be read: {_reason(err)}.") from err
            notes.add(f"The folder {shown(prefix)} was left out: {_reason(err)}.")
            continue
        if folder != root and any(child.name == "pyvenv.cfg" for child in children):
            continue
        looked_at += len(children)
        if looked_at > limits.ENTRIES:
            raise SubmissionError(
                f"The folder holds more than {limits.ENTRIES} files.",
                hint="Hand in the homework's folder alone.",
            )
        for child in children:
            _take(child, prefix + child.name, entries, waiting, notes)
    return tuple(sorted(entries, key=lambda entry: entry.name))


def _take(
    child: os.DirEntry[str],
    name: str,
    entries: list[Entry],
    waiting: list[tuple[str, Path]],
    notes: Notes,
) -> None:
    is_folder = child.is_dir(follow_symlinks=False)
    if is_clutter(name + "/x" if is_folder else name):
        return
    fault = name_fault(name)
    if fault is None and not is_folder and not child.is_file(follow_symlinks=False):
        fault = f"it is {kind_of(Path(child.path))}"
    if fault is not None:
        notes.add(f"{shown(name)} was left out: {fault}.")
    elif is_folder:
        waiting.append((name + "/", Path(child.path)))
    else:
        path = Path(child.path)
        entries.append(Entry(name=name, read=partial(_read_entry, path, name)))


def _read_entry(path: Path, name: str, limit: int) -> bytes:
    return read_file(path, limit, name)


def _reason(err: OSError | ValueError) -> str:
    return (getattr(err, "strerror", None) or "it has no usable name").lower()
