"""What mutants are made of a line, and of what they are not made."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from grader.audit.mutants import Mutant, make_mutants, same_code
from grader.audit.operators import OPERATORS

HERE = Path("solution.py")


def mutants_of(*lines: str) -> list[Mutant]:
    """The mutants of a function that has these lines as its solution."""
    body = "\n".join(f"    {line}" for line in lines)
    source = f"def f(x, y, *rest):\n    # BEGIN SOLUTION p\n{body}\n    # END SOLUTION\n"
    return make_mutants(source, HERE)


def afters(operator: str, *lines: str) -> set[str]:
    return {mutant.after for mutant in mutants_of(*lines) if mutant.operator == operator}


@pytest.mark.parametrize(
    ("operator", "line", "expected"),
    [
        ("sign", "return -x", {"return x"}),
        ("sign", "return -(x + y) * 2", {"return (x + y) * 2"}),
        ("sign", "return x * y", {"return -(x * y)"}),
        ("sign", "return x + 2 * y", set()),
        ("+ and −", "return x + y", {"return x - y"}),
        ("+ and −", "return (x) - (y)", {"return (x) + (y)"}),
        ("+ and −", "x += y", {"x -= y", "x = y"}),
        ("× and ÷", "return x / y", {"return x * y"}),
        ("× and ÷", "return x * 1", set()),
        ("× and ÷", "return x ** y", {"return (x * y)"}),
        ("transpose", "return x.T @ y", {"return x @ y", "return x.T @ y.T"}),
        ("transpose", "return np.transpose(x)", {"return x"}),
        ("transpose", "return x.transpose(0, 1)", {"return x"}),
        ("axis", "return f(x, axis=0)", {"return f(x, axis=1)", "return f(x, axis=None)"}),
        ("axis", "return f(x, dim=-1)", {"return f(x, dim=0)"}),
        ("mean and sum", "return np.mean(x)", {"return np.sum(x)"}),
        ("mean and sum", "return x.sum(0)", {"return x.mean(0)"}),
        ("mean and sum", "return f(x, reduction='mean')", {'return f(x, reduction="sum")'}),
        ("max and min", "return max(x, y)", {"return min(x, y)"}),
        ("max and min", "return np.argmax(x)", {"return np.argmin(x)"}),
        ("off by one", "return x[y:]", {"return x[y + 1:]", "return x[y - 1:]"}),
        ("off by one", "return range(x)", {"return range(x + 1)", "return range(x - 1)"}),
        ("off by one", "return x[2:]", {"return x[3:]", "return x[1:]"}),
        ("comparison", "return x < y", {"return x <= y", "return x >= y"}),
        ("comparison", "return x is not y", {"return x is y"}),
        ("comparison", "return x not in y", {"return x in y"}),
        ("comparison", "return x and y", {"return x or y"}),
        ("comparison", "return not x", {"return x"}),
        ("constant", "return 2", {"return 3"}),
        ("constant", "return 0.5", {"return 1.5"}),
        ("constant", "return 100", {"return 200"}),
        ("constant", "return True", {"return False"}),
        ("constant", "return zip(x, y, strict=True)", set()),
        ("statement removed", "x[0] = y", {"pass"}),
        ("statement removed", "z = y", set()),  # only a NameError would follow
        ("statement removed", "return y", set()),
        ("factor dropped", "return x * y", {"return x", "return y"}),
        ("factor dropped", "return x ** 2 / y", {"return x / y", "return (x ** 2)"}),
    ],
)
def test_each_operator_makes_its_mistakes(operator: str, line: str, expected: set[str]) -> None:
    assert afters(operator, line) == expected


def test_every_operator_is_tried_above() -> None:
    (mark,) = test_each_operator_makes_its_mistakes.pytestmark
    assert {case[0] for case in mark.args[1]} == set(OPERATORS)


def test_a_name_that_is_given_twice_can_lose_one() -> None:
    lines = ("x = x + y", "return x")
    assert "pass" in afters("statement removed", *lines)


def test_a_with_and_an_early_exit_are_left_out() -> None:
    lines = ("with no_grad():", "    x.step()", "if y:", "    return 1", "return 2")
    mutants = [m for m in mutants_of(*lines) if m.operator == "statement removed"]
    assert [mutant.before for mutant in mutants] == [
        "with no_grad():",
        "x.step()",
        "if y:\n    return 1",
        "return 1",
    ]


def test_messages_and_prints_are_left_alone() -> None:
    lines = ("if x % 10 == 0:", "    print(x + 1)", "raise ValueError(x + 1)")
    assert mutants_of(*lines) == []


def test_characters_before_a_node_do_not_shift_it() -> None:
    assert afters("+ and −", 'return {"θ∇é": x + y}["θ∇é"]  # σ') == {
        'return {"θ∇é": x - y}["θ∇é"]  # σ'
    }


def test_a_token_in_a_comment_is_not_taken_for_the_operator() -> None:
    lines = ("return (x  # plus + here", "    + y)")
    (mutant,) = [m for m in mutants_of(*lines) if m.operator == "+ and −"]
    assert mutant.diff == "- + y)\n+ - y)"


def test_only_marked_solutions_are_changed() -> None:
    source = (
        "A = 1 + 2\n"
        "def f(x=1 + 2):\n"
        "    y = 3 + 4\n"
        "    # BEGIN SOLUTION Problem 1: f\n"
        "    return x + y\n"
        "    # END SOLUTION\n"
        "# BEGIN SOLUTION DROP\n"
        "B = 5 + 6\n"
        "# END SOLUTION\n"
    )
    mutants = make_mutants(source, HERE)
    assert {mutant.line for mutant in mutants} == {5}
    assert {(m.function, m.label) for m in mutants} == {("f", "Problem 1: f")}


def test_mutants_are_python_and_differ() -> None:
    solution = Path(__file__).parents[2] / "reference" / "hw3" / "solution.py"
    text = solution.read_text(encoding="utf-8")
    mutants = make_mutants(text, solution)
    assert len(mutants) > 200
    assert len({mutant.name for mutant in mutants}) == len(mutants)
    assert text not in {mutant.source for mutant in mutants}
    for mutant in mutants[::20]:
        ast.parse(mutant.source)
    again = make_mutants(text, solution)
    assert [m.source for m in again] == [m.source for m in mutants]


def test_code_is_compared_without_comments_and_spaces() -> None:
    assert same_code("  a  = 1  # (N,)\n    b") == same_code("a = 1\nb")
    assert same_code("a = 1") != same_code("a = 2")
