"""Tests that stand in a homework's files and never run, since the manifest does not name them.

Only the manifest's tests count: one that was forgotten there costs nobody a point, and nothing else
would say so. The files are parsed, never run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.course.manifest import ASSIGNMENT_FILE, VISIBILITIES, Assignment
from grader.errors import CourseError

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, kw_only=True)
class Unlisted:
    """A test that does not run as it stands; `why` is the end of a sentence that begins with it."""

    file: Path
    line: int
    name: str
    why: str

    @property
    def place(self) -> str:
        """ "tests/test_hidden.py:12"."""
        return f"{self.file.parent.name}/{self.file.name}:{self.line}"


def unlisted_tests(assignment: Assignment) -> tuple[Unlisted, ...]:
    """Every such test of the files that are in this checkout, public ones first.

    CourseError where a file is no Python.
    """
    listed = {test.name: test.visibility for test in assignment.tests}
    found = []
    seen: dict[str, Path] = {}
    for visibility in VISIBILITIES:
        for path in assignment.test_files(visibility):
            for name, line in _tests_in(path):
                why = _why(visibility, listed.get(name), seen.get(name), path)
                seen[name] = path
                if why is not None:
                    found.append(Unlisted(file=path, line=line, name=name, why=why))
    return tuple(found)


def unlisted_notes(assignment: Assignment) -> list[str]:
    """The same for people: "hw3: tests/test_hidden.py:12: test_x is not in assignment.toml: ...".

    CourseError as there.
    """
    return [
        f"{assignment.id}: {one.place}: {one.name} {one.why}" for one in unlisted_tests(assignment)
    ]


def _why(visibility: str, listed: str | None, before: Path | None, path: Path) -> str | None:
    if listed is None:
        return f"is not in {ASSIGNMENT_FILE}: it does not run"
    if listed != visibility:
        return f"stands among the {visibility} tests and is listed as {listed}"
    if before is not None:
        where = "above" if before == path else f"in {before.parent.name}/{before.name}"
        return f"has the name of the test {where}: only one of them runs"
    return None


def _tests_in(path: Path) -> Iterator[tuple[str, int]]:
    """The tests that pytest would find: functions, and methods of classes called Test..."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, SyntaxError, ValueError) as err:
        raise CourseError(f"{path} cannot be read as Python: {err}") from err
    for node in tree.body:
        inside = [node]
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            inside = node.body
        for inner in inside:
            if isinstance(inner, _FUNCTIONS) and inner.name.startswith("test"):
                yield inner.name, inner.lineno
