"""Mistakes are named when they are there, and not by chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.testing.diagnose import find_mistake

RTOL, ATOL = 1e-7, 1e-12


def make(shape: tuple[int, ...], seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


E = make((5, 3))
V = make((6,))
CASES = {
    "sign": (-E, E, "the sign is flipped"),
    "sign of a number": (np.array(-0.12345), np.array(0.12345), "the sign is flipped"),
    "summed": (5 * E, E, "it is summed over the batch instead of averaged"),
    "divided": (E / 5, E, "it is divided by the batch size once too often"),
    "sign and sum": (
        -5 * E,
        E,
        "the sign is flipped, and it is summed over the batch instead of averaged",
    ),
    "doubled": (2 * E, E, "it is twice as large as it should be"),
    "halved": (E / 2, E, "it is half as large as it should be"),
    "factor": (1.7 * E, E, "every element is off by the same factor"),
    "offset": (E + 0.3, E, "every element is off by the same amount"),
    "zeros": (0 * E, E, "every element is zero"),
    "transposed": (E.T, E, "it is transposed"),
    "transposed, square": (make((4, 4)).T, make((4, 4)), "it is transposed"),
    "swapped axes": (make((3, 5), 9), E, "rows and columns are swapped"),
    "reversed rows": (E[::-1], E, "the rows are in reverse order"),
    "reversed columns": (E[:, ::-1], E, "the columns are in reverse order"),
    "reversed": (V[::-1], V, "the elements are in reverse order"),
    "reversed axis": (make((4, 2, 3))[::-1], make((4, 2, 3)), "the entries along axis 0 are in"),
    "permuted": (E[[2, 0, 1, 4, 3]], E, "the rows are right but in another order"),
    "permuted elements": (V[[2, 0, 1, 4, 5, 3]], V, "the elements are right but in another order"),
    "late": (np.concatenate([[0], V[:-1]]), V, "the elements are shifted by one place"),
    "early": (np.concatenate([V[1:], [0]]), V, "the elements are shifted by one place"),
    "late rows": (np.roll(E, 1, axis=0), E, "the rows are shifted by one place"),
    "no last": (V[:-1], V, "the last element along axis 0 is missing"),
    "no first": (V[1:], V, "the first element along axis 0 is missing"),
    "one more": (np.append(V, 9), V, "the last element along axis 0 is one too many"),
    "no last column": (E[:, :-1], E, "the last element along axis 1 is missing"),
    "blow-up": (V[:, None] - V, V, "shapes (6,) and (6, 1) were combined"),
    "blow-up of a column": (V[:, None] - V, V[:, None], "shapes (6,) and (6, 1) were combined"),
    "axis left": (V[:, None], V, "an axis of length 1 is left"),
    "axis lost": (V, V[:, None], "an axis of length 1 is missing"),
    "no number": (
        np.array([0.12345]),
        np.array(0.12345),
        "an array of one element is not a number",
    ),
    "no mean": (E, E.mean(axis=0), "the mean over axis 0 is not taken"),
    "no sum": (E, E.sum(axis=1), "the sum over axis 1 is not taken"),
    "no mean at all": (V, np.array(V.mean()), "the mean over axis 0 is not taken"),
    "float32": (E.astype(np.float32), E, "it is computed in float32, which is too coarse"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_named(name: str) -> None:
    actual, expected, words = CASES[name]
    found = find_mistake(actual, expected, RTOL, ATOL, batch_size=5)
    assert found is not None
    assert found.startswith(words)


@pytest.mark.parametrize("name", [n for n in CASES if n != "float32"])
def test_a_mistake_with_a_small_error_besides_is_not_named(name: str) -> None:
    """Only what the shapes alone say is still said."""
    actual, expected, _ = CASES[name]
    blurred = actual + 1e-4 * (1 + make(actual.shape, 8))
    found = find_mistake(blurred, expected, RTOL, ATOL, batch_size=5)
    shapes_only = ("rows and columns", "shapes (", "an axis", "an array of one")
    assert found is None or found.startswith(shapes_only)


@given(
    st.integers(0, 2**32 - 1), st.sampled_from([(5, 3), (4, 4), (6,), (), (2,), (3, 1), (2, 3, 4)])
)
@settings(max_examples=80, deadline=None)
def test_unrelated_arrays_give_no_mistake(seed: int, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(seed)
    a, e = rng.normal(size=shape), rng.normal(size=shape)
    assert find_mistake(a, e, 0.05, 1e-3, batch_size=5) is None


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        ([1.0, 1.0, 1.0], [0.0, 0.0, 0.0]),
        ([0, 1, 0, 0], [1, 0, 0, 0]),
        ([1, 0, 1, 0], [0, 1, 0, 1]),
        ([-1, -1, 1], [1, 1, -1]),
        ([2.0], [1.0]),
        (2.0, 4.0),
        (0.0, 0.5),
        (5.0, 1.0),
        ([[0, 1], [1, 0]], [[1, 0], [0, 1]]),
        ([0.0, 0.0, 3.0], [0.0, 0.0, 1.0]),
        ([np.nan, 1.0], [1.0, 2.0]),
        ([], [1.0, 2.0]),
        ([1.0], []),
        ([np.inf, 2.0], [1.0, 2.0]),
    ],
)
def test_what_may_be_chance_gives_no_mistake(actual: object, expected: object) -> None:
    a, e = np.asarray(actual), np.asarray(expected)
    assert find_mistake(a, e, RTOL, ATOL, batch_size=5) is None


def test_a_loose_tolerance_does_not_loosen_the_match() -> None:
    assert find_mistake(1.95 * E, E, 0.2, 0.1) == "every element is off by the same factor"
    assert find_mistake(-E + 0.05 * make(E.shape, 4), E, 0.2, 0.1) is None


def test_large_arrays_are_not_searched() -> None:
    big = np.arange(1_000_001.0)
    assert find_mistake(-big, big, RTOL, ATOL) is None
    rows = make((300, 2))
    assert find_mistake(rows[np.random.default_rng(0).permutation(300)], rows, RTOL, ATOL) is None
