"""Whatever a submission returns, an assert helper raises `CheckFailed` or nothing."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.testing import (
    CheckFailed,
    Key,
    Points,
    Question,
    Quiz,
    assert_accuracy,
    assert_array,
    assert_between,
    assert_close,
    assert_equal,
    assert_ladder,
    assert_scalar,
    assert_sequence,
    assert_unchanged,
    check_gradient,
    numerical_gradient,
    read_answers,
    revealing_expected,
)

_spec = importlib.util.spec_from_file_location("garbage", Path(__file__).with_name("garbage.py"))
assert _spec is not None
assert _spec.loader is not None
garbage = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(garbage)

EXPECTED = np.arange(15.0).reshape(5, 3) + 0.25
QUESTIONS = {
    kind: Question(id=kind, kind=kind, text="?", options=options)
    for kind, options in [
        ("single", {"a": "A", "b": "B"}),
        ("multiple", {"a": "A", "b": "B"}),
        ("numeric", {}),
    ]
}
KEYS = {
    "single": Key(answer="b"),
    "multiple": Key(answer=frozenset("a")),
    "numeric": Key(answer=330),
}


def quiz(answers: Any) -> Quiz:
    return Quiz(QUESTIONS, KEYS, read_answers(QUESTIONS, answers))


def loss(w: np.ndarray) -> float:
    return float(np.sum(w**2))


HELPERS: dict[str, Callable[[Any], Any]] = {
    "close to an array": lambda x: assert_close(x, EXPECTED, what="x", mistakes={"m": EXPECTED.T}),
    "close to a number": lambda x: assert_close(x, 0.75, what="x", batch_size=5),
    "close to a whole array": lambda x: assert_close(x, np.arange(4), what="x"),
    "close to a big number": lambda x: assert_close(x, 10**300, what="x"),
    "close to zeros": lambda x: assert_close(x, np.full((3, 5), -1.0), what="x"),
    "equal to an array": lambda x: assert_equal(x, np.arange(15).reshape(5, 3), what="x"),
    "equal to a number": lambda x: assert_equal(x, 7, what="x"),
    "equal to a float": lambda x: assert_equal(x, 7.5, what="x"),
    "equal to a string": lambda x: assert_equal(x, "yes", what="x", mistakes={"no": "no"}),
    "equal to a list": lambda x: assert_equal(x, [1, "a", [None]], what="x"),
    "equal to a list in a list": lambda x: assert_equal([x], [(3, 4)], what="x"),
    "equal to a tuple": lambda x: assert_equal(x, (1, 2), what="x"),
    "equal to a dict": lambda x: assert_equal(x, {"a": 2, 1: None}, what="x"),
    "array": lambda x: assert_array(x, shape=(5, 4), what="x"),
    "array, free axes": lambda x: assert_array(x, shape=(None, None, None), what="x", kind="ib"),
    "sequence": lambda x: assert_sequence(x, 37, what="x"),
    "scalar": lambda x: assert_between(assert_scalar(x, what="x"), 2, 3, what="x"),
    "between": lambda x: assert_between(x, 2.5, 2.75, what="x"),
    "unchanged array": lambda x: assert_unchanged(EXPECTED, x, what="x"),
    "unchanged list": lambda x: assert_unchanged([EXPECTED, "a"], x, what="x"),
    "accuracy": lambda x: assert_accuracy(
        x, np.ones(6, int), ladder=[(0.9, 1)], points=Points(), what="x"
    ),
    "ladder": lambda x: assert_ladder(
        x, ladder=[(-3e308, 1)], points=Points(), what="x", higher_is_better=False
    ),
    "gradients": lambda x: check_gradient(loss, {"w": EXPECTED}, x, what="x"),
    "gradient": lambda x: check_gradient(loss, {"w": EXPECTED}, {"w": x}, what="x"),
    "loss": lambda x: check_gradient(lambda w: x, {"w": EXPECTED}, {"w": EXPECTED}, what="x"),
    "quiz": lambda x: quiz(x).check("single"),
    "quiz, single": lambda x: quiz({"single": x}).check("single"),
    "quiz, multiple": lambda x: quiz({"multiple": x}).check("multiple"),
    "quiz, options": lambda x: quiz({"multiple": [x]}).check("multiple"),
    "quiz, numeric": lambda x: quiz({"numeric": x}).check("numeric"),
}


@pytest.mark.parametrize("revealed", [False, True])
@pytest.mark.parametrize("name", HELPERS)
def test_garbage_fails_and_raises_nothing_else(name: str, revealed: bool) -> None:
    passed = []
    with revealing_expected(revealed):
        for value in [*garbage.make_garbage(), *garbage.make_odd_numbers()]:
            try:
                HELPERS[name](value)
            except CheckFailed as err:
                text = str(err)
                assert len(text) < 600
                assert text.isprintable()
            else:
                passed.append(value)
    # A loss that is the same everywhere has the gradient 0, which is not EXPECTED.
    assert not passed


def test_numerical_gradient_of_a_garbage_loss_fails() -> None:
    for value in garbage.make_garbage():
        with pytest.raises(CheckFailed):
            numerical_gradient(lambda x, value=value: value, np.ones(3))


def test_a_remote_is_named_by_its_own_class() -> None:
    with pytest.raises(CheckFailed, match="an object of class Net"):
        assert_close(garbage.Remote("Net"), 1.0, what="net.forward(x)")


def test_torch_is_not_imported_by_the_helpers() -> None:
    import subprocess
    import sys

    code = (
        "import sys, numpy as np; from grader.testing import *; assert_close(1.0, 1.0, what='x');"
        "assert_equal([np.arange(2)], [np.arange(2)], what='x'); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
