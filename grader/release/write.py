"""Writes a release: a folder that is ready to be the students' repository.

It writes into an empty folder or over a former release, and never over what someone changed there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.course.manifest import Assignment, Course
from grader.errors import UsageError
from grader.github.student import CALLER, write_github
from grader.release.files import course_files, homework_files

RECORD_FILE = ".release.json"
Writer = Callable[[Course, Sequence[Assignment]], Mapping[str, bytes]]

# Further files by the name of an option (`--github`): each gives contents by their names.
WRITERS: dict[str, tuple[str, Writer]] = {
    "github": ("With workflows that grade each push on GitHub; kept until refused.", write_github),
}


@dataclass(frozen=True, kw_only=True)
class _Record:
    """What former releases wrote into a folder: homeworks, writers, files with their digests."""

    homeworks: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Released:
    """What was done: files by their names, those taken away, those of the course left out."""

    homeworks: tuple[str, ...]
    written: tuple[str, ...]
    removed: tuple[str, ...]
    left_out: tuple[str, ...]


def write_release(
    course: Course,
    homeworks: Sequence[str],
    folder: Path,
    *,
    extras: Sequence[str] = (),
    without: Sequence[str] = (),
    force: bool = False,
) -> Released:
    """Write `homeworks`, beside those that a former release in `folder` has.

    `extras` name writers, and stay for later releases until they are named in `without`.

    UsageError where the folder holds other things, or, but for `force`, where a file differs from
    what the former release wrote. Nothing is written then.
    """
    record = _read_record(folder)
    chosen = {course.assignment(name).id for name in homeworks} | set(record.homeworks)
    wanted = [name for name in course.assignments if name in chosen]
    assignments = [course.assignment(name) for name in wanted]
    kept_extras = {*record.extras, *extras} - {*without}
    writers = [name for name in WRITERS if name in kept_extras]
    files: dict[str, bytes] = {}
    for name in writers:
        files |= WRITERS[name][1](course, assignments)
    files |= course_files(course, assignments, next((n for n in files if _is_wheel(n)), None))
    left_out: list[str] = []
    for assignment in assignments:
        if assignment.id in homeworks:
            found = homework_files(assignment)
            files |= found.files
            left_out += [f"assignments/{assignment.id}/{name}" for name in found.left_out]
    kept = tuple(f"assignments/{name}/" for name in wanted if name not in homeworks)
    stays = {name: digest for name, digest in record.files.items() if name.startswith(kept)}
    removed = sorted(set(record.files) - set(files) - set(stays))
    if not force:
        _check_unchanged(folder, record.files, [*files, *removed])
    changed = [name for name, content in sorted(files.items()) if _put(folder / name, content)]
    for name in removed:
        (folder / name).unlink(missing_ok=True)
    digests = {**stays, **{name: _digest(content) for name, content in files.items()}}
    table = {"homeworks": wanted, "extras": writers, "files": digests}
    text = json.dumps(table, indent=1, sort_keys=True)
    _put(folder / RECORD_FILE, f"{text}\n".encode())
    return Released(
        homeworks=tuple(wanted),
        written=tuple(changed),
        removed=tuple(removed),
        left_out=tuple(left_out),
    )


def _read_record(folder: Path) -> _Record:
    """What former releases wrote; an empty record for a new or empty folder."""
    path = folder / RECORD_FILE
    if not folder.exists():
        return _Record()
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder.")
    if not path.is_file():
        others = [item.name for item in folder.iterdir() if item.name != ".git"]
        if others:
            raise UsageError(
                f"{folder} is not empty ({min(others)} is there) and holds no former release.",
                hint="Name a new folder, an empty one, or one that grader release has written.",
            )
        return _Record()
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        record = _Record(
            homeworks=tuple(table["homeworks"]),
            # records of the first releases do not say: their workflows do
            extras=tuple(table.get("extras", ["github"] if CALLER in table["files"] else [])),
            files=dict(table["files"]),
        )
        if not all(_is_inside(name) for name in record.files):
            raise ValueError("a name leads out of the folder")
        return record
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise UsageError(f"{path} cannot be read: {err}") from err


def _is_inside(name: str) -> bool:
    return not Path(name).is_absolute() and ".." not in Path(name).parts


def _is_wheel(name: str) -> bool:
    return name.endswith(".whl")


def _check_unchanged(folder: Path, former: Mapping[str, str], names: Sequence[str]) -> None:
    for name in names:
        path = folder / name
        if not path.is_file():
            continue
        if name not in former:
            raise UsageError(
                f"{path} is there, and no former release has written it.",
                hint="Move it away, or write over it with --force.",
            )
        if _digest(path.read_bytes()) != former[name]:
            raise UsageError(
                f"{path} was changed since it was released.",
                hint="Move the change into the course, or write over it with --force.",
            )


def _put(path: Path, content: bytes) -> bool:
    """Whether the file did not hold this content; it does afterwards."""
    try:
        if path.is_file() and path.read_bytes() == content:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return True
    except OSError as err:
        raise UsageError(f"{path} cannot be written: {err.strerror}.") from err


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
