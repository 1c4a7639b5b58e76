"""A sealed suite opened for one run: in memory where the system has a place for it, and gone after.

The folder has a name nobody can guess, is closed to other users, and is checked against every
path that a worker may read. It is removed at the end, whatever ends the run.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from grader.course.manifest import Course, load_course
from grader.errors import InternalError, UsageError
from grader.judge import launch
from grader.sandbox.policy import SYSTEM_PATHS
from grader.sealed import bundle, crypt

_MEMORY = Path("/dev/shm")


@contextlib.contextmanager
def opened(sealed: Path, homework: str, key: str | None) -> Iterator[Course]:
    """The course inside the sealed file, for as long as the block runs.

    Raises UsageError where the file or the key is wrong.
    """
    if key is None:
        raise UsageError(
            f"The variable {crypt.KEY_VARIABLE} is not set: it holds the key of the sealed suite.",
            hint="In GitHub Actions it comes from a secret, which forks do not get.",
        )
    content = crypt.unseal(homework, _read(sealed), key)
    with _terminated_as_interrupted(), _private_folder() as folder:
        bundle.unpack(content, folder)
        check_unreadable(folder)
        yield load_course(folder)


def check_unreadable(folder: Path) -> None:
    """InternalError where a worker could read `folder`: then nothing is run."""
    for text in (*SYSTEM_PATHS, *launch.readable_paths(launch.private_paths(folder))):
        readable = Path(text).resolve()
        if folder.resolve().is_relative_to(readable):
            raise InternalError(
                f"The sealed suite would be opened below {readable}, which submissions can read.",
                hint="Set TMPDIR to a folder outside of Python and of the system's folders.",
            )


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(crypt.MAX_FILE_BYTES + 1)
    except OSError as err:
        raise UsageError(f"{path} cannot be read: {err.strerror}.") from err
    if len(content) > crypt.MAX_FILE_BYTES:
        raise UsageError(f"{path} is larger than any sealed suite.")
    return content.decode("ascii", "replace")


@contextlib.contextmanager
def _private_folder() -> Iterator[Path]:
    """A folder for this user alone; its name of 128 random bits hides what a stat could tell."""
    in_memory = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK | os.X_OK)
    parent = _MEMORY if in_memory else Path(tempfile.gettempdir())
    folder = parent.resolve() / f"grader-{secrets.token_hex(16)}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM, as a cancelled job gets it, unwinds the stack as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
