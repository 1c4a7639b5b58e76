"""A new course: the folder that comes with the package, with a seed and a title of its own."""

from __future__ import annotations

import json
import re
import secrets
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from grader.course.manifest import COURSE_FILE, load_course
from grader.course.starter import build
from grader.errors import UsageError
from grader.release.readme import GITIGNORE

HOMEWORK = "neuron"
_TEMPLATE = "templates/course"
_COURSE = """\
# What all homeworks share. Students never see this file: a release has the title only.
title = {title}
# Decides the inputs of the tests. Keep it secret, and choose another one each year.
seed = {seed}
# The command that installs the grader; the students' README.md shows it.
# install = "pip install ..."
"""
# what must not get into the course's history: students' work and grades, and what is made again
_GITIGNORE = """
# students' submissions and grades
submissions/
*.db
*.db-journal
*.db-shm
*.db-wal
roster.csv
grades.csv
grades.json
report.json
reports/

# keys of sealed suites
*.key

# releases and packages
*-for-students/
*-gradescope.zip
"""
_README = "README.md"


def new_course(folder: Path, title: str) -> list[str]:
    """Write the course into `folder`, new or empty; gives the files' names, relative to it.

    UsageError where something is there already or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"{folder} is there already and not empty.", hint="Name a new or an empty folder."
        )
    template = resources.files("grader")
    for part in _TEMPLATE.split("/"):
        template = template / part
    if not template.is_dir():
        raise UsageError(
            "This grader was installed from a student repository, without the new course.",
            hint="Install the grader as instructors do.",
        )
    files = dict(_walk(template))
    title = title.strip() or "A course"
    course = _COURSE.format(title=json.dumps(title, ensure_ascii=False), seed=secrets.randbits(62))
    files[COURSE_FILE] = course.encode()
    files[_README] = files[_README].replace(b"# A course\n", f"# {_line(title)}\n".encode(), 1)
    files[".gitignore"] = f"{GITIGNORE}{_GITIGNORE}".encode()
    try:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as err:
        raise UsageError(f"{folder} cannot be written: {err.strerror}.") from err
    made = build(load_course(folder).assignment(HOMEWORK))
    starters = {path.relative_to(folder.resolve()).as_posix() for path in made}
    return sorted({*files, *starters})


def _line(text: str) -> str:
    """A title in one line of Markdown, as it was typed."""
    return re.sub(r"([\\`*_<>\[\]#])", r"\\\1", " ".join(text.split()))


def _walk(folder: Traversable, prefix: str = "") -> list[tuple[str, bytes]]:
    """The files below a folder of the package, by their names relative to it."""
    found: list[tuple[str, bytes]] = []
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_dir() and item.name != "__pycache__":
            found += _walk(item, f"{prefix}{item.name}/")
        elif item.is_file() and not item.name.endswith(".pyc"):
            found.append((prefix + item.name, item.read_bytes()))
    return found
