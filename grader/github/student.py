"""The GitHub part of a release: workflows that grade each push, and Classroom 50's autograder.

The course's `course.toml` may name, in a table [github], the `workflow` to call instead of a copy
("OWNER/REPO/.github/workflows/grade.yml@main"), the `grader` that pip installs, and with
`sealed = true` that sealed suites lie in the repository.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from grader.course.manifest import COURSE_FILE, Assignment, Course
from grader.course.suite import extras_of
from grader.errors import CourseError

WORKFLOW = ".github/workflows/grade.yml"
CALLER = ".github/workflows/autograding.yml"
AUTOGRADER = ".github/classroom50/autograder.py"
_REUSABLE = re.compile(r"[\w.-]+/[\w.-]+/\.github/workflows/[\w.-]+\.ya?ml@[\w./-]+\Z")
_KEYS = {"workflow": str, "grader": str, "sealed": bool}

_HEAD = """\
# Made by grader release --github. Grades every push; what it does is in docs/ci.md of the grader.
name: Autograding Tests
on:
  push:
  workflow_dispatch:
permissions:
  contents: read
jobs:
"""


def write_github(course: Course, assignments: Sequence[Assignment]) -> Mapping[str, bytes]:
    """The files by their names in the release; CourseError where [github] is not as it should be.

    One job a homework; torch is installed only where a homework needs it.
    """
    settings = _settings(course)
    reusable = settings.get("workflow")
    jobs = [_job(assignment, settings) for assignment in assignments]
    files = {CALLER: _HEAD + "".join(jobs), AUTOGRADER: autograder(assignments)}
    if reusable is None:
        files[WORKFLOW] = template("grade.yml")
    return {name: text.encode() for name, text in files.items()}


def autograder(assignments: Sequence[Assignment]) -> str:
    """Classroom 50's autograder.py for these homeworks."""
    text = template("autograder.py.in")
    names = [assignment.id for assignment in assignments]
    needed = {assignment.id: extras_of(assignment) for assignment in assignments}
    return text.replace("@HOMEWORKS@", json.dumps(names)).replace("@EXTRAS@", json.dumps(needed))


def template(name: str) -> str:
    """A text of the folder `templates`."""
    return resources.files("grader.github").joinpath("templates", name).read_text(encoding="utf-8")


def _job(assignment: Assignment, settings: Mapping[str, Any]) -> str:
    inputs = {"homework": assignment.id}
    if extras_of(assignment):
        inputs["extras"] = ",".join(extras_of(assignment))
    if "grader" in settings:
        inputs["grader"] = settings["grader"]
    if settings.get("sealed"):
        inputs["sealed"] = f"assignments/{assignment.id}/{assignment.id}.sealed"
    lines = [f"  {assignment.id}:", f"    uses: {settings.get('workflow', f'./{WORKFLOW}')}"]
    lines += ["    with:", *(f"      {key}: {json.dumps(value)}" for key, value in inputs.items())]
    if settings.get("sealed"):
        lines += ["    secrets:", "      suite-key: ${{ secrets.GRADER_SUITE_KEY }}"]
    return "\n".join(lines) + "\n"


def _settings(course: Course) -> Mapping[str, Any]:
    path = course.root / COURSE_FILE
    table = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    settings = table.get("github", {})
    if not isinstance(settings, dict):
        raise CourseError(f"{path}: [github] must be a table.")
    for key, value in settings.items():
        if type(value) is not _KEYS.get(key):
            raise CourseError(
                f"{path}: [github] has no such entry: {key} = {value!r}.",
                hint='It may have workflow = "...", grader = "..." and sealed = true.',
            )
    workflow = settings.get("workflow")
    if workflow is not None and not _REUSABLE.match(workflow):
        raise CourseError(
            f"{path}: the workflow of [github] is {workflow!r}.",
            hint='It is written as "OWNER/REPO/.github/workflows/grade.yml@main".',
        )
    return settings
