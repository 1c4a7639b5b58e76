"""The mistakes that mutants make, as a table: each looks at one node and proposes other texts.

A proposal is (where, text). Some are no Python or change nothing: the caller sorts those out.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from grader.audit.source import Source, Span

Proposals = Iterator[tuple[Span, str]]
PRODUCTS = (ast.Mult, ast.Div, ast.MatMult)
LARGE = 10  # a number of this size or more is doubled, since 100 + 1 is much like 100
PAIRS = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
}
COMPARISONS = {
    ast.Lt: ("<", ("<=", ">=")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<=")),
    ast.GtE: (">=", (">", "<")),
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: ("is not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
}
REDUCTIONS = {"mean": "sum", "sum": "mean", "nanmean": "nansum", "nansum": "nanmean"}
EXTREMES = {
    "max": "min",
    "min": "max",
    "argmax": "argmin",
    "argmin": "argmax",
    "amax": "amin",
    "amin": "amax",
    "maximum": "minimum",
    "minimum": "maximum",
}
TRANSPOSES = ("T", "mT")


def sign(node: ast.AST, source: Source) -> Proposals:
    """-x becomes x, and a product that stands for itself becomes its negative."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield source.span(node), source.operand(node.operand)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, PRODUCTS):
        within = isinstance(source.parents[node], ast.BinOp | ast.UnaryOp)
        negative = isinstance(node.left, ast.UnaryOp)
        if not within and not negative:
            yield source.span(node), f"-({source.segment(node)})"


def plus_and_minus(node: ast.AST, source: Source) -> Proposals:
    """a + b becomes a - b, and the other way round; a += b also becomes a = b."""
    yield from _swapped(node, source, (ast.Add, ast.Sub))
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        yield source.token_between(node.target, node.value, "+="), "="


def times_and_divided(node: ast.AST, source: Source) -> Proposals:
    """a * b becomes a / b, and the other way round; a**b becomes a * b."""
    if not _is_one(getattr(node, "right", None)):
        yield from _swapped(node, source, (ast.Mult, ast.Div))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        yield source.span(node), f"({source.operand(node.left)} * {source.operand(node.right)})"


def _swapped(node: ast.AST, source: Source, kinds: tuple[type[ast.operator], ...]) -> Proposals:
    if isinstance(node, ast.BinOp) and isinstance(node.op, kinds):
        old, new = PAIRS[type(node.op)]
        yield source.token_between(node.left, node.right, old), new
    elif isinstance(node, ast.AugAssign) and isinstance(node.op, kinds):
        old, new = PAIRS[type(node.op)]
        yield source.token_between(node.target, node.value, f"{old}="), f"{new}="


def transpose(node: ast.AST, source: Source) -> Proposals:
    """x.T becomes x, also written otherwise; an operand of a matrix product is transposed."""
    if isinstance(node, ast.Attribute) and node.attr in TRANSPOSES:
        yield source.span(node), source.operand(node.value)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in ("t", "transpose", "swapaxes", "permute"):
            of_module = isinstance(node.func.value, ast.Name) and node.func.value.id in _MODULES
            whole = node.args[0] if of_module and node.args else node.func.value
            yield source.span(node), source.operand(whole)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        for side in (node.left, node.right):
            if not (isinstance(side, ast.Attribute) and side.attr in TRANSPOSES):
                yield source.span(side), f"{source.operand(side)}.T"


_MODULES = ("np", "numpy", "torch")


def axis(node: ast.AST, source: Source) -> Proposals:
    """axis=0 becomes axis=1, and the like; axis=1 becomes axis=None, over all."""
    if isinstance(node, ast.keyword) and node.arg in ("axis", "dim"):
        number = _integer(node.value)
        if number is not None:
            yield source.span(node.value), {0: "1", 1: "0", -1: "0"}.get(number, str(number - 1))
            if node.arg == "axis":
                yield source.span(node.value), "None"


def mean_and_sum(node: ast.AST, source: Source) -> Proposals:
    """np.mean becomes np.sum and the other way round, also in reduction="mean"."""
    yield from _renamed(node, source, REDUCTIONS)
    if isinstance(node, ast.Constant) and node.value in ("mean", "sum"):
        yield source.span(node), f'"{REDUCTIONS[node.value]}"'


def largest_and_smallest(node: ast.AST, source: Source) -> Proposals:
    """np.max becomes np.min, np.maximum becomes np.minimum, and the like."""
    yield from _renamed(node, source, EXTREMES)


def _renamed(node: ast.AST, source: Source, names: dict[str, str]) -> Proposals:
    if isinstance(node, ast.Attribute) and node.attr in names:
        end = source.span(node).end
        yield Span(end - len(node.attr), end), names[node.attr]
    elif isinstance(node, ast.Name) and node.id in {"min", "max"} & set(names):
        called = isinstance(source.parents[node], ast.Call)
        if called:
            yield source.span(node), names[node.id]


def off_by_one(node: ast.AST, source: Source) -> Proposals:
    """The ends of slices and ranges one further and one less far."""
    ends: list[ast.expr | None] = []
    if isinstance(node, ast.Slice):
        ends = [node.lower, node.upper]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
        ends = list(node.args[:2])
    for end in ends:
        if end is None:
            continue
        number = _integer(end)
        for step in (1, -1):
            text = f"{source.operand(end)} {'+' if step > 0 else '-'} 1"
            yield source.span(end), text if number is None else str(number + step)


def comparison(node: ast.AST, source: Source) -> Proposals:
    """< becomes <= and >=, == becomes !=, and becomes or, not is dropped."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        for i, kind in enumerate(node.ops):
            old, news = COMPARISONS[type(kind)]
            for new in news:
                yield source.token_between(sides[i], sides[i + 1], old), new
    elif isinstance(node, ast.BoolOp):
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        yield source.token_between(node.values[0], node.values[1], old), new
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield source.span(node), source.operand(node.operand)


def constant(node: ast.AST, source: Source) -> Proposals:
    """A number becomes another one, True becomes False; but for zip(..., strict=True)."""
    if not isinstance(node, ast.Constant):
        return
    parent = source.parents[node]
    if isinstance(parent, ast.keyword) and parent.arg == "strict":
        return
    value = node.value
    if isinstance(value, bool):
        yield source.span(node), str(not value)
    elif isinstance(value, int | float):
        yield source.span(node), repr(2 * value if abs(value) >= LARGE else value + 1)


def statement(node: ast.AST, source: Source) -> Proposals:
    """A statement is removed, also an early exit; a `with` is left out around its body."""
    if isinstance(node, ast.With):
        first, last = node.items[0], node.items[-1]
        start = source.span(node).start
        end = source.span(last.optional_vars or last.context_expr).end
        if first.optional_vars is None:
            yield Span(start, end), "if True"
    elif isinstance(node, _REMOVABLE) and not _is_text(node):
        if not _gives_the_only_value(node, source):
            yield source.span(node), "pass"
    elif isinstance(node, ast.Return) and isinstance(source.parents[node], ast.If | ast.For):
        yield source.span(node), "pass"


_REMOVABLE = (
    ast.Assign,
    ast.AugAssign,
    ast.AnnAssign,
    ast.Expr,
    ast.Delete,
    ast.If,
    ast.Break,
    ast.Continue,
)


def factor(node: ast.AST, source: Source) -> Proposals:
    """A factor of a product is dropped, or what is divided by, or an exponent; never a 1."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult | ast.Div | ast.Pow):
        return
    if not _is_one(node.right):
        yield source.span(node), source.operand(node.left)
    if isinstance(node.op, ast.Mult) and not _is_one(node.left):
        yield source.span(node), source.operand(node.right)


OPERATORS: dict[str, Callable[[ast.AST, Source], Proposals]] = {
    "sign": sign,
    "+ and −": plus_and_minus,
    "× and ÷": times_and_divided,
    "transpose": transpose,
    "axis": axis,
    "mean and sum": mean_and_sum,
    "max and min": largest_and_smallest,
    "off by one": off_by_one,
    "comparison": comparison,
    "constant": constant,
    "statement removed": statement,
    "factor dropped": factor,
}


def _integer(node: ast.expr) -> int | None:
    """A whole number as it is written, a negative one too."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number = _integer(node.operand)
        return None if number is None else -number
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return None


def _gives_the_only_value(node: ast.AST, source: Source) -> bool:
    """Whether names are assigned here only: without it, no more than a NameError would follow."""
    if not isinstance(node, ast.Assign):
        return False
    targets = [part for target in node.targets for part in ast.walk(target)]
    if any(isinstance(part, ast.Attribute | ast.Subscript) for part in targets):
        return False
    names = {part.id for part in targets if isinstance(part, ast.Name)}
    function: ast.AST = node
    while not isinstance(function, ast.FunctionDef | ast.Module):
        function = source.parents[function]
    elsewhere = {
        part.id if isinstance(part, ast.Name) else part.arg
        for part in ast.walk(function)
        if part not in targets
        and (
            isinstance(part, ast.arg)
            or (isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))
        )
    }
    return not names & elsewhere


def _is_one(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1 and node.value is not True


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
