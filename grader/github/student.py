"""The GitHub part of a release: workflows that grade each push, and Classroom 50's autograder.

All that the workflow needs lies in the repository: itself, and the grader as a wheel. The course's
`course.toml` may name, in a table [github], another `workflow` to call instead of the copy
("OWNER/REPO/.github/workflows/grade.yml@main"), another `grader` for pip to install, and with
`sealed = true` that sealed suites are released.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from grader.course.manifest import COURSE_FILE, Assignment, Course
from grader.course.suite import extras_of
from grader.errors import CourseError
from grader.package.wheel import wheel
from grader.sealed import crypt
from grader.sealed.current import current_suite

WORKFLOW = ".github/workflows/grade.yml"
CALLER = ".github/workflows/autograding.yml"
AUTOGRADER = ".github/classroom50/autograder.py"
WHEELS = ".github/"  # the only folder that the workflow takes a wheel from
# of the wheel, the template of new courses: it has a solution and hidden tests
_NOT_FOR_STUDENTS = "grader/templates/"
_REUSABLE = re.compile(r"[\w.-]+/[\w.-]+/\.github/workflows/[\w.-]+\.ya?ml@[\w./-]+\Z")
_SOURCE = re.compile(r"\S*://\S*|\.github/(?!.*\.\.)\S+\.whl")  # as the workflow reads it
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
    """The files by their names in the release; one job a homework, torch only where it is needed.

    CourseError where [github] is not as it should be, or a sealed suite is missing or out of date;
    UsageError where the key of a sealed suite is not in the environment.
    """
    settings = _settings(course)
    files: dict[str, bytes] = {}
    source = settings.get("grader")
    if source is None:
        name, files[WHEELS + name] = wheel(leave_out=_NOT_FOR_STUDENTS)
        source = WHEELS + name
    if "workflow" not in settings:
        files[WORKFLOW] = template("grade.yml").encode()
    if settings.get("sealed"):
        key = os.environ.get(crypt.KEY_VARIABLE)
        files |= {_sealed(assignment): current_suite(assignment, key) for assignment in assignments}
    jobs = [_job(assignment, settings, source) for assignment in assignments]
    files[CALLER] = (_HEAD + "".join(jobs)).encode()
    files[AUTOGRADER] = autograder(assignments).encode()
    return files


def autograder(assignments: Sequence[Assignment]) -> str:
    """Classroom 50's autograder.py for these homeworks."""
    text = template("autograder.py.in")
    names = [assignment.id for assignment in assignments]
    needed = {assignment.id: extras_of(assignment) for assignment in assignments}
    return text.replace("@HOMEWORKS@", json.dumps(names)).replace("@EXTRAS@", json.dumps(needed))


def template(name: str) -> str:
    """A text of the folder `templates`."""
    return resources.files("grader.github").joinpath("templates", name).read_text(encoding="utf-8")


def _sealed(assignment: Assignment) -> str:
    return f"assignments/{assignment.id}/{assignment.id}.sealed"


def _job(assignment: Assignment, settings: Mapping[str, Any], source: str) -> str:
    inputs = {"homework": assignment.id, "grader": source}
    if extras_of(assignment):
        inputs["extras"] = ",".join(extras_of(assignment))
    if settings.get("sealed"):
        inputs["sealed"] = _sealed(assignment)
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
    source = settings.get("grader")
    if source is not None and not _SOURCE.fullmatch(source):
        raise CourseError(
            f"{path}: the grader of [github] is {source!r}.",
            hint='It is a URL, "git+https://github.com/ORG/grader@v1", or a wheel below .github/.',
        )
    return settings
