"""What of a homework is sealed: a small course of its own, as a zip in memory.

The manifest and the public tests are part of it, so that nothing a student can edit decides a
score.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path, PurePosixPath

from grader.course.manifest import ASSIGNMENT_FILE, COURSE_FILE, Assignment
from grader.errors import CourseError, UsageError

QUIZ_FILE, KEY_FILE = "quiz.toml", "quiz_key.toml"
MAX_BYTES = 64 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say: the same content, the same bytes


def suite_files(assignment: Assignment) -> dict[str, Path]:
    """The files of the homework's suite by their names in a course; its solution is not among them.

    Raises UsageError where the hidden tests are not in this checkout.
    """
    if assignment.reference is None or not assignment.test_files("hidden"):
        raise UsageError(
            f"The hidden tests of {assignment.id} are not in this checkout.",
            hint="They lie in the course's reference folder, which instructors have.",
        )
    root = assignment.folder.parents[1]
    public, private = assignment.folder, assignment.reference
    wanted = [root / COURSE_FILE, public / ASSIGNMENT_FILE, public / QUIZ_FILE, private / KEY_FILE]
    for folder in (public / "tests", private / "tests"):
        wanted += sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path for path in wanted if path.is_file()}


def pack(files: dict[str, Path]) -> bytes:
    """A zip of the files; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return out.getvalue()


def unpack(data: bytes, folder: Path) -> None:
    """Write the files of `pack` below `folder`, for this user alone; CourseError if it is not one.

    The data is authentic when this is called; the checks are against our own mistakes.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
                raise CourseError("The sealed suite is larger than any suite is.")
            for name in archive.namelist():
                _write(folder, PurePosixPath(name), archive.read(name))
    except (zipfile.BadZipFile, OSError, RuntimeError) as err:
        raise CourseError(f"The sealed suite cannot be unpacked: {err}") from err


def _write(folder: Path, name: PurePosixPath, content: bytes) -> None:
    if name.is_absolute() or ".." in name.parts:
        raise CourseError(f"The sealed suite holds a file outside of it: {name}.")
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.write_bytes(content)
