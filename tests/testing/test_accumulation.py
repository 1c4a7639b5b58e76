"""Gradients that are overwritten, added up, or left in the shape they were broadcast to."""

from __future__ import annotations

import numpy as np
import pytest

from grader.testing import CheckFailed, check_accumulation, check_gradient

ONCE = np.array([[1.0, -2.0], [0.5, 3.0], [0.25, -1.5]])


def test_accumulating_gradients_double() -> None:
    check_accumulation(ONCE, 2 * ONCE, accumulates=True, what="W.grad")
    check_accumulation(0.75, 1.5, accumulates=True, what="x.grad")


def test_overwritten_gradients_stay() -> None:
    check_accumulation(ONCE, ONCE.copy(), accumulates=False, what="layer.grad_W")


@pytest.mark.parametrize(
    ("twice", "accumulates", "words"),
    [(ONCE, True, "overwritten"), (2 * ONCE, False, "added to that of the pass before")],
)
def test_the_opposite_is_named(twice: np.ndarray, accumulates: bool, words: str) -> None:
    with pytest.raises(CheckFailed, match=words):
        check_accumulation(ONCE, twice, accumulates=accumulates, what="W.grad")


@pytest.mark.parametrize("once", [None, "a", np.zeros((3, 2)), [1.0], np.array([None])])
def test_what_cannot_tell_is_a_failed_check(once: object) -> None:
    with pytest.raises(CheckFailed):
        check_accumulation(once, once, accumulates=True, what="W.grad")


@pytest.mark.parametrize("twice", [None, "a", ONCE.T, np.full((3, 2), np.nan), object()])
def test_garbage_after_the_second_pass_fails(twice: object) -> None:
    with pytest.raises(CheckFailed):
        check_accumulation(ONCE, twice, accumulates=True, what="W.grad")


def test_a_gradient_left_in_the_broadcast_shape_is_named() -> None:
    X = np.arange(12.0).reshape(4, 3)

    def loss(b: np.ndarray) -> float:
        return float(np.sum((X + b) ** 2))

    b = np.array([0.1, 0.2, 0.3])
    check_gradient(loss, {"b": b}, {"b": np.sum(2 * (X + b), axis=0)}, what="b.grad", atol=1e-5)
    with pytest.raises(CheckFailed, match="broadcast operand is not summed"):
        check_gradient(loss, {"b": b}, {"b": 2 * (X + b)}, what="b.grad")
