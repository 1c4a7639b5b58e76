"""What is sealed: a homework's suite as a small course of its own, in a zip in memory.

The manifest and the public tests are part of it, so that nothing a student can edit decides a
score.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path, PurePosixPath

from grader.errors import CourseError

MAX_BYTES = 64 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say: the same content, the same bytes


def pack(files: dict[str, Path]) -> bytes:
    """A zip of the files; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return out.getvalue()


def contents(data: bytes) -> dict[str, bytes]:
    """The files of `pack` by their names; CourseError if it is not one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
                raise CourseError("The sealed suite is larger than any suite is.")
            return {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, RuntimeError) as err:
        raise CourseError(f"The sealed suite cannot be unpacked: {err}") from err


def unpack(data: bytes, folder: Path) -> None:
    """Write the files of `pack` below `folder`, for this user alone; CourseError if it is not one.

    The data is authentic when this is called; the checks are against our own mistakes.
    """
    try:
        for name, content in contents(data).items():
            _write(folder, PurePosixPath(name), content)
    except OSError as err:
        raise CourseError(f"The sealed suite cannot be unpacked: {err}") from err


def _write(folder: Path, name: PurePosixPath, content: bytes) -> None:
    if name.is_absolute() or ".." in name.parts:
        raise CourseError(f"The sealed suite holds a file outside of it: {name}.")
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.write_bytes(content)
