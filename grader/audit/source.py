"""A Python source by its syntax tree and by its characters, so that a node's text can be replaced.

Only reads text; what is made of it is for others to run.
"""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass
from functools import cached_property

ATOMS = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant, ast.List, ast.Dict)


@dataclass(frozen=True)
class Span:
    """A half-open range of characters of the source."""

    start: int
    end: int


@dataclass(frozen=True)
class Source:
    """The text of a module; positions are characters from its beginning."""

    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The node that holds each node."""
        nodes = ast.walk(self.tree)
        return {child: node for node in nodes for child in ast.iter_child_nodes(node)}

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self._lines:
            starts.append(starts[-1] + len(line) + 1)
        return starts

    @cached_property
    def _tokens(self) -> list[tuple[int, int, str]]:
        """Operators and names as (start, end, text)."""
        wanted = (tokenize.OP, tokenize.NAME)
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return [
            (self._starts[line - 1] + column, self._starts[last - 1] + end, token.string)
            for token in tokens
            if token.type in wanted
            for (line, column), (last, end) in [(token.start, token.end)]
        ]

    def span(self, node: ast.AST) -> Span:
        """Where a statement or expression stands; the tree counts columns in UTF-8 bytes."""
        assert isinstance(node, ast.stmt | ast.expr | ast.keyword)
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return Span(
            self._at(node.lineno, node.col_offset),
            self._at(node.end_lineno, node.end_col_offset),
        )

    def _at(self, line: int, byte: int) -> int:
        before = self._lines[line - 1].encode("utf-8")[:byte]
        return self._starts[line - 1] + len(before.decode("utf-8"))

    def segment(self, node: ast.AST) -> str:
        span = self.span(node)
        return self.text[span.start : span.end]

    def operand(self, node: ast.expr) -> str:
        """The node's text, in parentheses unless it is safe without wherever it is put."""
        text = self.segment(node)
        return text if isinstance(node, ATOMS) else f"({text})"

    def token_between(self, left: ast.expr, right: ast.expr, token: str) -> Span:
        """Where the operator between two neighbouring expressions stands; may be two words."""
        begin, end = self.span(left).end, self.span(right).start
        words = token.split()
        found = [t for t in self._tokens if begin <= t[0] and t[1] <= end and t[2] in words]
        return Span(found[0][0], found[len(words) - 1][1])

    def line_at(self, position: int) -> int:
        """The line of a position, both ends of a line included, counted from 1."""
        return self.text.count("\n", 0, position) + 1

    def lines(self, first: int, last: int) -> list[str]:
        """Lines `first` to `last`, both included, counted from 1."""
        return self._lines[first - 1 : last]

    def function_of(self, node: ast.AST) -> str:
        """ "MLP.backward": the function or method that holds a node."""
        names: list[str] = []
        at: ast.AST | None = node
        while at is not None:
            if isinstance(at, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.insert(0, at.name)
            at = self.parents.get(at)
        return ".".join(names)

    def replaced(self, span: Span, text: str) -> str:
        """The whole source with `text` in the place of a span."""
        return self.text[: span.start] + text + self.text[span.end :]
