"""An instructor's solutions of a homework: the reference, other correct ones, and wrong ones.

The hidden tests are tried on them. Their text is read and edited here, never run.
"""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from grader.course.manifest import Assignment
from grader.errors import CourseError

SOLUTION_FILE = "solution.py"
WRONG_FILE = "wrong.toml"
CORRECT_FOLDER = "correct"
_KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")


@dataclass(frozen=True, kw_only=True)
class WrongSolution:
    """A mistake students make: the solution with it made, and the tests that must all notice."""

    name: str
    mistake: str
    loses: tuple[str, ...]
    source: str


@dataclass(frozen=True, kw_only=True)
class CorrectSolution:
    """A correct solution written differently; it must earn every point."""

    name: str
    source: str


def solution_source(assignment: Assignment) -> str:
    """The text of the reference solution, its solution markers included."""
    return _read(_reference(assignment) / SOLUTION_FILE)


def correct_solutions(assignment: Assignment) -> tuple[CorrectSolution, ...]:
    """The whole files of `reference/hwN/correct/`, sorted by name; empty where there are none."""
    paths = sorted((_reference(assignment) / CORRECT_FOLDER).glob("*.py"))
    return tuple(CorrectSolution(name=path.stem, source=_read(path)) for path in paths)


def wrong_solutions(assignment: Assignment) -> tuple[WrongSolution, ...]:
    """The bank `reference/hwN/wrong.toml`, in its order; empty where there is none.

    CourseError names the entry that is malformed, has an edit whose `find` is not in the solution
    exactly once, changes nothing, is no Python, or names no hidden test that it loses.
    """
    path = _reference(assignment) / WRONG_FILE
    if not path.is_file():
        return ()
    try:
        table = tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError as err:
        raise CourseError(f"{path} is not valid TOML: {err}") from err
    entries = table.get("wrong")
    if set(table) - {"wrong"} or not _is_tables(entries):
        raise CourseError(f"{path} must hold [[wrong]] tables and nothing else.")
    solution = solution_source(assignment)
    bank: dict[str, WrongSolution] = {}
    for number, entry in enumerate(entries, start=1):
        wrong = _wrong(entry, f"{path}: [[wrong]] number {number}", assignment, solution)
        if wrong.name in bank:
            raise CourseError(f"{path}: two wrong solutions have the name {wrong.name!r}.")
        bank[wrong.name] = wrong
    return tuple(bank.values())


def _wrong(
    entry: dict[str, Any], where: str, assignment: Assignment, solution: str
) -> WrongSolution:
    name = entry.get("name")
    if not isinstance(name, str) or not _KEBAB.match(name):
        raise CourseError(f"{where}: `name` must be in kebab case, not {name!r}.")
    where = f"{where} ({name})"
    unknown = set(entry) - {"name", "mistake", "loses", "edit"}
    if unknown:
        raise CourseError(f"{where}: unknown key {min(unknown)!r}.")
    mistake = entry.get("mistake")
    if not isinstance(mistake, str) or not mistake.strip():
        raise CourseError(f"{where}: `mistake` must say in a sentence what is wrong.")
    return WrongSolution(
        name=name,
        mistake=mistake.strip(),
        loses=_loses(entry.get("loses"), where, assignment),
        source=_edited(solution, entry.get("edit"), where),
    )


def _loses(names: Any, where: str, assignment: Assignment) -> tuple[str, ...]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise CourseError(f"{where}: `loses` must be a list of tests' names.")
    visibility = {test.name: test.visibility for test in assignment.tests}
    for name in names:
        if name not in visibility:
            raise CourseError(f"{where}: {assignment.id} has no test {name!r}.")
    if len(set(names)) < len(names):
        raise CourseError(f"{where}: `loses` names a test twice.")
    if "hidden" not in (visibility[name] for name in names):
        raise CourseError(f"{where}: `loses` must name at least one hidden test.")
    return tuple(names)


def _edited(solution: str, edits: Any, where: str) -> str:
    """`solution` with all edits made; each `find` is looked for in the untouched solution."""
    if not _is_tables(edits):
        raise CourseError(f"{where}: at least one [[wrong.edit]] with find and replace is needed.")
    places: list[tuple[int, int, str]] = []
    for number, edit in enumerate(edits, start=1):
        find, replace = edit.get("find"), edit.get("replace")
        if set(edit) != {"find", "replace"} or not (
            isinstance(find, str) and find and isinstance(replace, str)
        ):
            raise CourseError(f"{where}: edit {number} needs the texts `find` and `replace`.")
        start = solution.find(find)
        if start < 0:
            raise CourseError(f"{where}: the `find` of edit {number} is not in {SOLUTION_FILE}.")
        if solution.find(find, start + 1) >= 0:
            raise CourseError(
                f"{where}: the `find` of edit {number} is in {SOLUTION_FILE} more than once.",
                hint="Add the line before or after it.",
            )
        places.append((start, start + len(find), replace))
    places.sort()
    parts: list[str] = []
    position = 0
    for start, end, replace in places:
        if start < position:
            raise CourseError(f"{where}: two of its edits overlap.")
        parts += [solution[position:start], replace]
        position = end
    edited = "".join([*parts, solution[position:]])
    if edited == solution:
        raise CourseError(f"{where}: its edits change nothing.")
    try:
        ast.parse(edited)
    except SyntaxError as err:
        raise CourseError(f"{where}: the edited solution is no Python: {err}.") from err
    return edited


def _is_tables(value: Any) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _reference(assignment: Assignment) -> Path:
    if assignment.reference is None:
        raise CourseError(
            f"{assignment.id} has no reference/{assignment.id} here.",
            hint="The solutions are in the instructors' checkout only.",
        )
    return assignment.reference


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise CourseError(f"{path} cannot be read: {err}") from err
