"""Which files of a course students get, as texts and bytes by name. Writes nothing."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course.manifest import ASSIGNMENT_FILE, COURSE_FILE, Assignment, Course
from grader.course.starter import HANDOUT_FILE, build, starter_ipynb, starter_py
from grader.course.suite import extras_of
from grader.errors import CourseError, UsageError
from grader.release.readme import GITIGNORE, student_readme
from grader.release.secrets import find_leaks

# of a homework's folder, beside the starters: these files, and these kinds in these folders
FILES = (ASSIGNMENT_FILE, HANDOUT_FILE, "quiz.toml")
FOLDERS = {
    "tests": ("test_*.py",),
    "figures": ("*.svg", "*.png", "*.jpg", "*.gif"),
    "data": ("*.csv", "*.txt", "*.npz", "*.npy", "*.json"),
}
TEXTS = (".py", ".ipynb", ".md", ".toml", ".svg", ".csv", ".txt", ".json")
MAX_LEAKS_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class HomeworkFiles:
    """What a homework gives to students, by name in the release; `left_out` is in its folder."""

    files: dict[str, bytes]
    left_out: tuple[str, ...]


def homework_files(assignment: Assignment) -> HomeworkFiles:
    """The files of one homework, checked; CourseError where one is out of date or gives away.

    The starters are made anew from the solution: UsageError where that is not here. Names are
    relative to the release, with `/`.
    """
    if assignment.reference is None:
        raise UsageError(
            f"{assignment.id} has no reference/{assignment.id} here to release it from.",
            hint="A release needs the instructors' checkout.",
        )
    stale = build(assignment, check=True)
    if stale:
        raise CourseError(
            f"{assignment.id} is out of date: {', '.join(path.name for path in stale)}.",
            hint=f"grader build {assignment.id} writes the starters and the table of points anew.",
        )
    files = public_files(assignment)
    _refuse_leaks(assignment, files)
    base = f"assignments/{assignment.id}"
    there = (path for path in assignment.folder.rglob("*") if path.is_file())
    names = {path.relative_to(assignment.folder).as_posix() for path in there}
    left_out = {name for name in names if f"{base}/{name}" not in files}
    return HomeworkFiles(files=files, left_out=tuple(sorted(left_out)))


def public_files(assignment: Assignment) -> dict[str, bytes]:
    """The files that students would get, unchecked; the starters as the solution now makes them."""
    base = f"assignments/{assignment.id}"
    found = {path.relative_to(assignment.folder).as_posix(): path for path in _released(assignment)}
    files = {f"{base}/{name}": path.read_bytes() for name, path in sorted(found.items())}
    files[f"{base}/{assignment.module}.py"] = starter_py(assignment).encode()
    files[f"{base}/{assignment.module}.ipynb"] = starter_ipynb(assignment).encode()
    return files


def course_files(
    course: Course, assignments: Sequence[Assignment], wheel: str | None = None
) -> dict[str, bytes]:
    """The files beside the homeworks: the course without its seed, a README, a .gitignore.

    `wheel` is the grader's in the release: what students install unless the course says otherwise.
    """
    table = {}
    if (course.root / COURSE_FILE).is_file():
        table = tomllib.loads((course.root / COURSE_FILE).read_text(encoding="utf-8"))
    install = table.get("install")
    if type(install) is not str:
        install = None if wheel is None else _install_command(wheel, assignments)
    readme = student_readme(course.title, assignments, install)
    return {
        COURSE_FILE: f"title = {json.dumps(course.title, ensure_ascii=False)}\n".encode(),
        "README.md": readme.encode(),
        ".gitignore": GITIGNORE.encode(),
    }


def _install_command(wheel: str, assignments: Sequence[Assignment]) -> str:
    extras = sorted({extra for assignment in assignments for extra in extras_of(assignment)})
    return f"pip install '{wheel}[{','.join(extras)}]'" if extras else f"pip install {wheel}"


def texts_of(files: dict[str, bytes]) -> dict[str, str]:
    """Those files that are text, decoded."""
    return {
        name: content.decode("utf-8", "replace")
        for name, content in files.items()
        if name.endswith(TEXTS)
    }


def _released(assignment: Assignment) -> list[Path]:
    paths = [assignment.folder / name for name in FILES]
    for folder, patterns in FOLDERS.items():
        for pattern in patterns:
            paths += (assignment.folder / folder).rglob(pattern)
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def _refuse_leaks(assignment: Assignment, files: dict[str, bytes]) -> None:
    leaks = find_leaks(assignment, texts_of(files))
    if leaks:
        shown = [f"{leak.file}:{leak.line}: {leak.what}" for leak in leaks[:MAX_LEAKS_SHOWN]]
        more = f" and {len(leaks) - len(shown)} more" if len(leaks) > len(shown) else ""
        raise CourseError(
            f"{assignment.id} would give away what is private: {'; '.join(shown)}{more}.",
            hint="Take it out of the public file, or mark it in the solution as given.",
        )
