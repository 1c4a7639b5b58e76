"""What must never reach students: solutions, hidden tests, keys and the course's seed.

Looks for them in texts; a release with one of them is refused, and an audit reports it.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.course.bank import SOLUTION_FILE, solution_source
from grader.course.manifest import Assignment
from grader.course.percent import solution_blocks
from grader.course.starter import starter_py
from grader.errors import CourseError

KEY_FILE = "quiz_key.toml"
SHORT_LINE = 24  # characters: a shorter line of code says little, and is found everywhere
SHORT_TEXT = 20
SHORT_SEED = 1000
_COMMENT = re.compile(r"(^|\s\s+)#.*$")
# The inputs of a problem are no solution: X = np.array([[0.0, 1.0], [1.0, 0.0]])
_DATA = re.compile(r"\w+ = (np\.array|torch\.tensor)?[\s()\[\]\d.,e+-]*")
_TEST = re.compile(r"\bdef\s+(test_\w+)\s*\(")


@dataclass(frozen=True, kw_only=True)
class Leak:
    """Something private in a file that students get; `line` counts from 1, 0 is the whole file."""

    file: str
    line: int
    what: str


def find_leaks(assignment: Assignment, texts: Mapping[str, str]) -> list[Leak]:
    """What is private to `assignment` in files by name; a notebook is read as its cells."""
    leaks: list[Leak] = []
    private = _private_lines(assignment)
    hidden = {test.name for test in assignment.tests if test.visibility == "hidden"}
    needles = dict(_needles(assignment))
    for name, text in texts.items():
        for number, line in enumerate(_lines(name, text), start=1):
            if _code(line) in private:
                leaks.append(Leak(file=name, line=number, what="a line of the solution"))
            for test in _TEST.findall(line):
                if test in hidden:
                    leaks.append(Leak(file=name, line=number, what=f"the hidden test {test}"))
        whole = " ".join(" ".join(_lines(name, text)).split())
        leaks += [
            Leak(file=name, line=0, what=what)
            for needle, what in needles.items()
            if needle in whole
        ]
        leaks += _answers(assignment, name, text)
    return leaks


def _private_lines(assignment: Assignment) -> set[str]:
    """The lines of code of the solutions that the starter does not have anyway."""
    text = solution_source(assignment)
    assert assignment.reference is not None
    lines = text.split("\n")
    own = {
        _code(line)
        for block in solution_blocks(text, assignment.reference / SOLUTION_FILE)
        for line in lines[block.begin : block.end - 1]
    }
    given = {_code(line) for line in starter_py(assignment).split("\n")}
    return {line for line in own - given if len(line) >= SHORT_LINE and not _DATA.fullmatch(line)}


def _needles(assignment: Assignment) -> Iterator[tuple[str, str]]:
    if assignment.course_seed >= SHORT_SEED:
        yield str(assignment.course_seed), "the course's seed"
    for name, entry in _key(assignment).items():
        words = " ".join(str(entry.get("explanation", "")).split())
        if len(words) >= SHORT_TEXT:
            yield words, f"the explanation of the answer to {name}"


def _key(assignment: Assignment) -> dict[str, dict[str, object]]:
    path = assignment.reference / KEY_FILE if assignment.reference is not None else None
    if path is None or not path.is_file():
        return {}
    return _toml(path.read_text(encoding="utf-8"), str(path))


def _answers(assignment: Assignment, name: str, text: str) -> list[Leak]:
    """Answers to the quiz: a key in its file, or a dictionary of code that holds them."""
    if name.endswith(".toml"):
        questions = _toml(text, name).get("question", [])
        return [
            Leak(file=name, line=0, what=f"an answer to {question.get('id')}")
            for question in questions
            if isinstance(question, dict) and {"answer", "tolerance", "explanation"} & set(question)
        ]
    if not name.endswith((".py", ".ipynb")):
        return []
    key = _key(assignment)
    return [
        Leak(file=name, line=node.lineno, what=f"an answer to {at.value}")
        for node in ast.walk(_tree("\n".join(_lines(name, text))))
        if isinstance(node, ast.Dict)
        for at, value in zip(node.keys, node.values, strict=True)
        if isinstance(at, ast.Constant) and at.value in key and _is(value, key[at.value])
    ]


def _toml(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise CourseError(f"{name} is not valid TOML: {err}") from err


def _is(value: ast.expr, entry: dict[str, object]) -> bool:
    try:
        return bool(ast.literal_eval(value) == entry.get("answer"))
    except ValueError:
        return False


def _tree(text: str) -> ast.AST:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return ast.Module(body=[], type_ignores=[])


def _lines(name: str, text: str) -> list[str]:
    if not name.endswith(".ipynb"):
        return text.split("\n")
    cells = json.loads(text).get("cells", [])
    return "\n".join("".join(cell.get("source", [])) for cell in cells).split("\n")


def _code(line: str) -> str:
    """A line of code without its comment, in single spaces."""
    return " ".join(_COMMENT.sub("", line).split())
