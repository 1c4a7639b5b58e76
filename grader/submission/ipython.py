"""A notebook cell's IPython syntax made plain Python, line for line.

Shell commands, magics and help requests are dropped; nothing is run. A line is only touched where
a statement can begin: inside a string, inside brackets and after a continued line, `%` and `!` are
Python's own. Valid Python comes back unchanged, and every line keeps its number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# Cell magics whose body is Python of the notebook itself; other cells go to another program.
_PYTHON_MAGICS = frozenset({"capture", "time", "prun", "memit"})
_CELL_MAGIC = re.compile(r"%%([\w.]*)")
_TIME = re.compile(r"([ \t]*)%time[ \t]+(?=[^\s%!-])(.*)", re.DOTALL)
_HELP = re.compile(r"[ \t]*%{0,2}[A-Za-z_*][\w.*\[\]]*[ \t]*\?{1,2}[ \t;]*\Z")
_TARGET = r"[A-Za-z_][\w.]*(?:\[[^\[\]=#]*\])?"
_ASSIGNED = re.compile(  # no two neighbours can match the same blank: linear on any line
    rf"([ \t]*)({_TARGET}(?:[ \t]*,[ \t]*{_TARGET})*)[ \t]*(?:,[ \t]*)?=[ \t]*"
    r"(?:[%!](?!=)|(get_ipython\(\)\.))"
)
_KERNEL_CALL = re.compile(r"[ \t]*get_ipython\(\)\.\w+\(")
# What changes how the next characters are read: comments, strings, brackets, a final backslash.
_TOKEN = re.compile(r"#|'''|\"\"\"|'|\"|[(\[{]|[)\]}]|\\\Z")
_STRING_PART = {quote: re.compile(r"\\.|" + quote, re.DOTALL) for quote in ("'''", '"""', "'", '"')}


@dataclass
class _Reader:
    """Where Python's tokenizer would stand at the start of a line."""

    quote: str = ""  # the delimiter of the string the line begins in
    depth: int = 0  # open brackets
    continued: bool = False  # the line before ended in a backslash

    @property
    def at_statement(self) -> bool:
        return not self.quote and self.depth == 0 and not self.continued

    def read(self, line: str) -> None:
        """Take one line, without its end."""
        self.continued = False
        at = 0
        while at <= len(line):
            if self.quote:
                at = self._end_of_string(line, at)
                continue
            match = _TOKEN.search(line, at)
            if match is None or match[0] == "#":
                return
            token, at = match[0], match.end()
            if token == "\\":
                self.continued = True
            elif token in "([{":
                self.depth += 1
            elif token in ")]}":
                self.depth = max(self.depth - 1, 0)
            else:
                self.quote = token

    def _end_of_string(self, line: str, at: int) -> int:
        """Where reading goes on: after the closing quote, or past the end of the line."""
        for match in _STRING_PART[self.quote].finditer(line, at):
            if match[0] == self.quote:
                self.quote = ""
                return match.end()
            at = match.end()
        if len(self.quote) == 1 and not line.endswith("\\", at):
            self.quote = ""  # an unended string: an error, but of this line only
        return len(line) + 1


@dataclass
class PlainCell:
    """A cell as Python: `source` is None where nothing of it is Python.

    `notes` pairs a line of the cell, from 1, with what was done to it.
    """

    source: str | None
    notes: list[tuple[int, str]] = field(default_factory=list)


def plain_python(source: str) -> PlainCell:
    """`source`, a code cell's text with `\\n` line ends, as Python with the same line numbers."""
    lines = _without_indent(source.split("\n"))
    cell = PlainCell(source=None)
    first = _next_code(lines, 0)
    while first < len(lines) and (magic := _CELL_MAGIC.match(lines[first])):
        if magic[1] not in _PYTHON_MAGICS:
            cell.notes.append((first + 1, f"the cell was skipped: {lines[first].strip()}"))
            return cell
        cell.notes.append((first + 1, f"ignored: {lines[first].strip()}"))
        lines[first] = ""
        first = _next_code(lines, first + 1)  # never from the start: a cell may be all magics
    cell.source = "\n".join(_plain_lines(lines, cell.notes))
    return cell


def _next_code(lines: list[str], start: int) -> int:
    """The first line from `start` on that is not blank; their number where there is none."""
    return next((i for i in range(start, len(lines)) if lines[i].strip()), len(lines))


def without_kernel_calls(source: str) -> PlainCell:
    """A `.py` that a notebook was exported to, without its calls of `get_ipython()`."""
    cell = PlainCell(source=source)
    if "get_ipython()" in source:
        cell.source = "\n".join(_plain_lines(source.split("\n"), cell.notes, exported=True))
    return cell


def _plain_lines(
    lines: list[str], notes: list[tuple[int, str]], *, exported: bool = False
) -> list[str]:
    plain: list[str] = []
    reader = _Reader()
    in_magic = False  # the line goes on with a magic of the line before
    for number, line in enumerate(lines, start=1):
        if in_magic:
            plain.append("")
            in_magic = line.endswith("\\")
            continue
        replaced = _replacement(line, exported=exported) if reader.at_statement else None
        if replaced is None:
            reader.read(line)
            plain.append(line)
            continue
        new, in_magic = replaced
        notes.append((number, f"{_what_became(new)}: {line.strip()}"))
        plain.append(new)
        if not in_magic:
            reader.read(new)
    return plain


def _replacement(line: str, *, exported: bool) -> tuple[str, bool] | None:
    """The Python for a line that is IPython's, and whether it goes on; None where it is Python."""
    code = line.lstrip(" \t")
    indent = line[: len(line) - len(code)]
    goes_on = line.endswith("\\")
    if _KERNEL_CALL.match(line):
        return (indent + "pass", False) if _is_whole(line) else None
    assigned = _ASSIGNED.match(line)
    if assigned and assigned[3]:
        return (_none_for(assigned), False) if _is_whole(line) else None
    if exported:
        return None
    if assigned:
        return _none_for(assigned), goes_on
    timed = _TIME.match(line)
    if timed:
        return timed[1] + timed[2], False
    if code.startswith(("%", "!", "?")):
        return indent + "pass", goes_on
    return (indent + "pass", False) if _HELP.match(line) else None


def _is_whole(line: str) -> bool:
    reader = _Reader()
    reader.read(line)
    return reader.at_statement


def _none_for(assigned: re.Match[str]) -> str:
    """`a, b = !ls` as `a = b = None`, so that no name is missing later."""
    targets = assigned[2]
    chain = targets if "[" in targets else " = ".join(re.findall(r"[\w.]+", targets))
    return f"{assigned[1]}{chain} = None"


def _what_became(new: str) -> str:
    if new.endswith(" = None"):
        return "replaced by None"
    return "ignored" if new.strip() == "pass" else "run without %time"


def _without_indent(lines: list[str]) -> list[str]:
    """As IPython does: a cell that begins indented loses that indent in every line that has it."""
    code = (line for line in lines if line.strip() and not line.lstrip().startswith("#"))
    first = next(code, "")
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    if not indent:
        return lines
    return [line.removeprefix(indent) for line in lines]
