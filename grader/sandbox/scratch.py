"""A worker's scratch folder on machines where it cannot mount its own: made, and removed again.

What is removed was filled by hostile code: deep trees, closed folders and odd names are expected.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import time
from collections.abc import Callable

ROOM_WITHIN_S = 15.0  # less than the judge waits for a worker
_FULL = (errno.ENOSPC, errno.EDQUOT)


def make_base(root: str) -> str:
    """A new folder below `root` ("": the system's temporary one) that others may pass."""
    base = tempfile.mkdtemp(prefix="grader-", dir=root or None)
    os.chmod(base, 0o711)
    return base


def make_scratch(base: str, number: int, owner: tuple[int, int] | None) -> str:
    """The folder of worker `number`, closed to everyone but `owner` (uid, gid)."""
    path = os.path.join(base, f"worker{number}")
    os.mkdir(path, 0o700)
    if owner is not None:
        os.chown(path, *owner)
    return path


def make_with_patience(
    base: str, number: int, owner: tuple[int, int] | None, make_room: Callable[[], None]
) -> str:
    """`make_scratch`, which on a full disk waits until what ended workers left there is removed.

    Nobody's clock runs meanwhile. Raises OSError.
    """
    patience = time.monotonic() + ROOM_WITHIN_S
    while True:
        try:
            return make_scratch(base, number, owner)
        except OSError as err:
            if err.errno not in _FULL or time.monotonic() > patience:
                raise
        make_room()
        time.sleep(0.02)


def remove(path: str) -> None:
    """Removes the folder `path` and all below it, however deep; the worker must have ended.

    Folders are moved up to `path` before they are emptied, so no depth is too much. What cannot be
    removed is left.
    """
    with contextlib.suppress(OSError):
        top = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            _empty(top)
        finally:
            os.close(top)
        os.rmdir(path)


def _empty(top: int) -> None:
    moved, waiting = 0, [""]
    while waiting:
        name = waiting.pop()
        here = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=top) if name else top
        try:
            with os.scandir(here) as entries:
                found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
            for entry_name, is_folder in found:
                if not is_folder:
                    os.unlink(entry_name, dir_fd=here)
                    continue
                os.chmod(entry_name, 0o700, dir_fd=here)
                moved += 1
                unique = f"{os.getpid()}-{moved}-{os.urandom(8).hex()}"
                os.rename(entry_name, unique, src_dir_fd=here, dst_dir_fd=top)
                waiting.append(unique)
        finally:
            if name:
                os.close(here)
        if name:
            os.rmdir(name, dir_fd=top)
