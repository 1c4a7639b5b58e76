"""A solution.py in percent format: its text without the solutions, and its cells.

Works on text: a solution is parsed to check the outcome, never run.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from grader.errors import CourseError

_CELL = re.compile(r"# %%( \[markdown\])?\Z")
_BEGIN = re.compile(r"( *)# BEGIN SOLUTION (DROP|(?!DROP\b)\S.*?) *\Z")
_END = re.compile(r"( *)# END SOLUTION\Z")
_DROP = "DROP"
# A misspelt marker: left as a comment, it would hand the solution to the students.
_NEARLY = re.compile(r"#\s*(?:begin|end)[\s_-]*solution|(?:begin|end) solution|^\s*#\s*%%", re.I)


@dataclass(frozen=True)
class PercentCell:
    """One cell: its marker line ("" for code before the first marker) and the lines after it."""

    marker: str
    lines: tuple[str, ...]
    first_line: int

    @property
    def is_markdown(self) -> bool:
        return self.marker.endswith("[markdown]")

    @property
    def is_empty(self) -> bool:
        return not any(line.strip() for line in self.lines)


@dataclass(frozen=True)
class SolutionBlock:
    """A solution from its BEGIN to its END line, both counted from 1."""

    begin: int
    end: int
    indent: str
    label: str

    @property
    def is_dropped(self) -> bool:
        """Whether students get nothing in its place."""
        return self.label == _DROP


def solution_blocks(source: str, path: Path) -> tuple[SolutionBlock, ...]:
    """The marked solutions of `source`, in its order; CourseError as `strip_solutions` says."""
    return tuple(_blocks(source.split("\n"), _comment_lines(source, path), path))


def strip_solutions(source: str, path: Path) -> str:
    """`source` with every solution replaced by its raise, or dropped; `path` is for messages.

    `# BEGIN SOLUTION LABEL` ... `# END SOLUTION` becomes `raise NotImplementedError("LABEL")` at
    the marker's indentation; with the label DROP nothing is left, and blank lines are not doubled.
    CourseError names the line of a marker that is misspelt, unpaired, nested, no comment of its
    own, or not inside a function.
    """
    lines = source.split("\n")
    kept: list[str] = []
    raises: dict[int, int] = {}  # a raise's line in the outcome: its block's line in the source
    position = 0
    for block in solution_blocks(source, path):
        kept += lines[position : block.begin - 1]
        position = block.end
        if block.is_dropped:
            before_is_open = not kept or not kept[-1].strip() or _CELL.match(kept[-1])
            while before_is_open and position < len(lines) and not lines[position].strip():
                position += 1
        else:
            label = json.dumps(block.label, ensure_ascii=False)
            kept.append(f"{block.indent}raise NotImplementedError({label})")
            raises[len(kept)] = block.begin
    kept += lines[position:]
    stripped = "\n".join(kept).rstrip() + "\n"
    _check_outcome(stripped, raises, path)
    return stripped


def percent_cells(text: str, path: Path) -> list[PercentCell]:
    """The cells of a percent-format text; lines before the first marker are a code cell."""
    cells: list[PercentCell] = []
    body: list[str] = []
    marker, first = "", 1
    for number, line in enumerate(text.split("\n"), start=1):
        if _CELL.match(line):
            cells.append(PercentCell(marker, tuple(body), first))
            marker, body, first = line, [], number + 1
        else:
            body.append(line)
    cells.append(PercentCell(marker, tuple(body), first))
    for cell in cells:
        for number, line in enumerate(cell.lines, start=cell.first_line):
            if cell.is_markdown and line.strip() and not line.startswith("#"):
                _fail(path, number, "a line of a Markdown cell must begin with `#`")
    return [cell for cell in cells if not cell.is_empty]


def _comment_lines(source: str, path: Path) -> set[int]:
    """The lines that are a comment and nothing else, from 1."""
    try:
        ast.parse(source)
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, ValueError, tokenize.TokenError) as err:
        _fail(path, getattr(err, "lineno", None) or 1, f"this is not valid Python: {err}")
    return {
        token.start[0]
        for token in tokens
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip()
    }


def _blocks(lines: list[str], comments: set[int], path: Path) -> Iterable[SolutionBlock]:
    begun: tuple[int, str, str] | None = None
    for number, kind, match in _markers(lines, comments, path):
        if kind != "end":
            if begun:
                _fail(path, number, f"the solution begun in line {begun[0]} is not ended")
            if kind == "begin":
                begun = (number, match[1], match[2])
            continue
        if begun is None:
            _fail(path, number, "END SOLUTION without BEGIN SOLUTION")
        if match[1] != begun[1]:
            _fail(path, number, f"END SOLUTION is not indented as BEGIN in line {begun[0]}")
        yield SolutionBlock(begin=begun[0], end=number, indent=begun[1], label=begun[2])
        begun = None
    if begun:
        _fail(path, begun[0], "BEGIN SOLUTION without END SOLUTION")


def _markers(
    lines: list[str], comments: set[int], path: Path
) -> Iterable[tuple[int, str, re.Match[str]]]:
    """The lines that mark something: their number, "begin", "end" or "cell", and the match."""
    patterns = {"begin": _BEGIN, "end": _END, "cell": _CELL}
    for number, line in enumerate(lines, start=1):
        found = [(kind, m) for kind, pattern in patterns.items() if (m := pattern.match(line))]
        if not found and _NEARLY.search(line):
            _fail(path, number, f"this is nearly a marker, but none: {line.strip()}")
        for kind, match in found:
            if number not in comments:
                _fail(path, number, "a marker must be a comment on a line of its own")
            yield number, kind, match


def _check_outcome(starter: str, raises: dict[int, int], path: Path) -> None:
    try:
        tree = ast.parse(starter)
    except SyntaxError as err:
        near = max((at for at in raises if at <= (err.lineno or 1)), default=None)
        _fail(
            path,
            raises[near] if near else 1,
            f"without the solutions this is not valid Python ({err.msg} at line {err.lineno} of "
            "the starter); a solution must hold whole statements",
        )
    inside = {
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Raise)
    }
    for line, begin in raises.items():
        if line not in inside:
            _fail(path, begin, "a solution must lie inside a function, or be one to DROP")


def _fail(path: Path, line: int, message: str) -> NoReturn:
    raise CourseError(f"{path}:{line}: {message}.")
