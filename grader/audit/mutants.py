"""Mutants of the reference: one small mistake each, inside a marked solution and nowhere else.

Makes texts only. The same source gives the same mutants in the same order.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grader.audit.operators import OPERATORS
from grader.audit.source import Source, Span
from grader.course.percent import SolutionBlock, solution_blocks

_COMMENT = re.compile(r"\s+#.*$|^#.*$")
_UNTOUCHED = (ast.Raise, ast.Assert, ast.JoinedStr)  # what they say is no mathematics


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """The solution with one mistake: `before` became `after`, whole lines without indentation.

    `function` is a qualified name, `label` that of the solution's marker, `line` counts from 1.
    """

    name: str
    operator: str
    function: str
    label: str
    line: int
    before: str
    after: str
    source: str

    @property
    def diff(self) -> str:
        lines = [f"- {line}" for line in self.before.split("\n")]
        return "\n".join([*lines, *(f"+ {line}" for line in self.after.split("\n"))])


def make_mutants(text: str, path: Path) -> list[Mutant]:
    """All mutants of a solution, by line; none equals another one or the solution.

    `path` is for messages about its markers.
    """
    source = Source(text)
    blocks = [block for block in solution_blocks(text, path) if not block.is_dropped]
    mutants: list[Mutant] = []
    for whole in source.tree.body:
        seen = {ast.dump(whole)}
        for node in _nodes(whole):
            block = _block_of(node, blocks)
            if block is None:
                continue
            for operator, span, new in _proposals(node, source):
                mutated = source.replaced(span, new)
                meaning = _meaning(source, whole, mutated)
                if meaning is not None and meaning not in seen:
                    seen.add(meaning)
                    mutants.append(_mutant(source, node, operator, span, new, block, mutated))
    mutants.sort(key=lambda mutant: mutant.line)
    return [
        replace(mutant, name=f"mutant {number}, line {mutant.line} ({mutant.function})")
        for number, mutant in enumerate(mutants, start=1)
    ]


def same_code(text: str) -> str:
    """Lines in a form to compare by: without comments, and with single spaces."""
    lines = (_COMMENT.sub("", line) for line in text.split("\n"))
    return "\n".join(kept for line in lines if (kept := " ".join(line.split())))


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes below `node` that may be changed, in the source's order."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _UNTOUCHED) and not _only_prints(child):
            yield child
            yield from _nodes(child)


def _only_prints(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return all(_only_prints(statement) for statement in [*node.body, *node.orelse])
    call = node.value if isinstance(node, ast.Expr) else None
    called = call.func if isinstance(call, ast.Call) else None
    return isinstance(called, ast.Name) and called.id == "print"


def _proposals(node: ast.AST, source: Source) -> Iterator[tuple[str, Span, str]]:
    for operator, propose in OPERATORS.items():
        for span, new in propose(node, source):
            yield operator, span, new


def _block_of(node: ast.AST, blocks: list[SolutionBlock]) -> SolutionBlock | None:
    first, last = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
    if first is None or last is None:
        return None
    return next((block for block in blocks if block.begin < first and last < block.end), None)


def _meaning(source: Source, whole: ast.stmt, mutated: str) -> str | None:
    """Equal for texts of the top-level statement `whole` that run the same; None for no Python."""
    assert whole.end_lineno is not None
    grown = mutated.count("\n") - source.text.count("\n")
    part = "\n".join(mutated.split("\n")[whole.lineno - 1 : whole.end_lineno + grown])
    try:
        tree = ast.parse(part)
        compile(tree, "<mutant>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    return ast.dump(tree.body[0]) if len(tree.body) == 1 else None


def _mutant(
    source: Source,
    node: ast.AST,
    operator: str,
    span: Span,
    new: str,
    block: SolutionBlock,
    mutated: str,
) -> Mutant:
    first, last = source.line_at(span.start), source.line_at(span.end)
    grown = new.count("\n") - source.text.count("\n", span.start, span.end)
    after = mutated.split("\n")[first - 1 : last + grown]
    before = source.lines(first, last)
    indent = min(len(line) - len(line.lstrip()) for line in [*before, *after] if line.strip())
    return Mutant(
        name="",
        operator=operator,
        function=source.function_of(node),
        label=block.label,
        line=first,
        before="\n".join(line[indent:] for line in before),
        after="\n".join(line[indent:] for line in after),
        source=mutated,
    )
