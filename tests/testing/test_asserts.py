"""The strictness of the assertions on numbers and arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.testing import (
    CheckFailed,
    Failure,
    assert_array,
    assert_between,
    assert_close,
    assert_scalar,
    assert_sequence,
    check,
    revealing_expected,
)

FailureOf = Callable[..., Failure]
FLOATS = st.floats(-1e6, 1e6, allow_nan=False, width=64)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5)
ARRAYS = hnp.arrays(np.float64, SHAPES, elements=FLOATS)


@given(ARRAYS)
@settings(max_examples=60, deadline=None)
def test_an_array_is_close_to_itself(x: np.ndarray) -> None:
    assert_close(x.copy(), x, what="x", rtol=0, atol=0)
    assert_close(np.array(x, order="F"), x, what="x", rtol=0, atol=0)


@given(
    hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=5), elements=FLOATS),
    st.data(),
)
@settings(max_examples=100, deadline=None)
def test_one_element_beyond_the_tolerance_fails(x: np.ndarray, data: st.DataObject) -> None:
    index = tuple(data.draw(st.integers(0, n - 1)) for n in x.shape)
    factor = data.draw(st.floats(1.01, 1e6)) * data.draw(st.sampled_from([-1.0, 1.0]))
    moved = x.copy()
    moved[index] += factor * (1e-6 + 1e-3 * abs(x[index]))
    with pytest.raises(CheckFailed) as caught:
        assert_close(moved, x, what="x", rtol=1e-3, atol=1e-6)
    assert caught.value.failure.index == index
    assert_close(moved, x, what="x", rtol=1e-3 * abs(factor) * 1.01, atol=1e-6 * abs(factor) * 1.01)


@given(ARRAYS, st.data())
@settings(max_examples=60, deadline=None)
def test_any_other_shape_fails(x: np.ndarray, data: st.DataObject) -> None:
    other = data.draw(SHAPES.filter(lambda shape: shape != x.shape))
    with pytest.raises(CheckFailed):
        assert_close(np.resize(x, other) if x.size else np.zeros(other), x, what="x")


@given(hnp.arrays(np.float64, (4, 3), elements=st.floats(0.1, 9)), st.data())
@settings(max_examples=60, deadline=None)
def test_a_hidden_failure_holds_no_expected_number(x: np.ndarray, data: st.DataObject) -> None:
    y = data.draw(hnp.arrays(np.float64, (4, 3), elements=st.floats(10, 99)))
    with pytest.raises(CheckFailed) as caught:
        assert_close(y, x, what="x")
    index = caught.value.failure.index
    assert index is not None
    assert f"got {y[index]:.4g}." in str(caught.value)
    with revealing_expected(True), pytest.raises(CheckFailed) as revealed:
        assert_close(y, x, what="x")
    secret = f" where {x[index]:.4g} is expected"
    assert secret in str(revealed.value)
    assert str(revealed.value).replace(secret, "") == str(caught.value)


def test_the_worst_element_and_the_count_are_named(
    failure_of: FailureOf, rng: np.random.Generator
) -> None:
    expected = rng.normal(size=(5, 3))
    actual = expected + 0.001 * (np.arange(15).reshape(5, 3) % 2)
    actual[2, 1] = 0.7311234
    failure = failure_of(assert_close, actual, expected)
    assert failure.got == "7 of 15 elements wrong, worst at [2, 1]: got 0.7311"
    assert failure.expected == "an array of shape (5, 3), float"
    assert failure.index == (2, 1)


def test_close_numbers_are_told_apart_in_a_public_message(failure_of: FailureOf) -> None:
    with revealing_expected(True):
        assert failure_of(assert_close, 0.70001, 0.7).got == "0.70001 where 0.7 is expected"


def test_nan_counts_as_wrong_and_is_counted(failure_of: FailureOf) -> None:
    expected = np.arange(4.0)
    failure = failure_of(assert_close, np.array([0, np.nan, 2, 7.0]), expected)
    assert failure.got == "2 of 4 elements wrong (1 of them NaN), worst at [1]: got nan"
    failure_of(assert_close, np.full(4, np.nan), np.full(4, np.nan))
    failure_of(assert_close, float("nan"), float("nan"))


@pytest.mark.parametrize("wrong", [5.0, np.nan, -np.inf, 1e308])
def test_an_infinity_matches_only_itself(failure_of: FailureOf, wrong: float) -> None:
    expected = np.array([1.0, np.inf])
    assert_close(np.array([1.0, np.inf]), expected, what="x")
    failure_of(assert_close, np.array([1.0, wrong]), expected)
    failure_of(assert_close, np.array([np.inf, np.inf]), expected)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (np.array([0.5]), 0.5),
        (np.array([[0.5]]), 0.5),
        (np.array([]), 0.5),
        (0.5, np.array([0.5])),
        (np.array([]), np.array([0.5])),
        (np.zeros((3, 1)), np.zeros(3)),
        (np.zeros(3), np.zeros((3, 1))),
        (np.zeros((0, 3)), np.zeros((3, 0))),
        ([0.5, 0.5], np.array([0.5, 0.5])),
        (np.array([1, 2]), np.array([1.0, 2.0])),
        (np.array([1.0, 2.0]), np.array([1, 2])),
        (np.array([1, 0]), np.array([True, False])),
        (np.array([1.0 + 0j]), np.array([1.0])),
        (True, 1.0),
        (True, 1),
        (1.0 + 0j, 1.0),
        ("0.5", 0.5),
        (np.array([0.5, None]), np.array([0.5, 0.5])),
    ],
)
def test_a_value_of_another_form_fails(
    failure_of: FailureOf, actual: object, expected: object
) -> None:
    failure_of(assert_close, actual, expected)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (1, 1.0),
        (1.0, 1),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3.0),
        (np.array(0.5), 0.5),
        (0.5, np.float64(0.5)),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (np.ones(3, np.float32), np.ones(3)),
        (np.ones(3, np.uint8), np.ones(3, int)),
        (np.ones(3, ">f8"), np.ones(3)),
        (1.0, 1.0 + 0j),
        (np.array([True]), np.array([True])),
        (10**300, 1e300),
    ],
)
def test_a_value_of_the_right_form_passes(actual: object, expected: object) -> None:
    assert_close(actual, expected, what="x")


def test_large_integers_are_compared_exactly(failure_of: FailureOf) -> None:
    failure_of(assert_close, np.array([2**60 + 1]), np.array([2**60]), rtol=0, atol=0)


def test_named_mistakes_come_first_and_other_shapes_are_skipped(
    failure_of: FailureOf, rng: np.random.Generator
) -> None:
    expected = rng.normal(size=(5, 3))
    mistakes = {"another shape": 1.0, "the derivative is missing": -expected, "late": -expected}
    failure = failure_of(assert_close, -expected, expected, mistakes=mistakes, hint="Use it.")
    assert failure.mistake == "the derivative is missing"
    assert failure.hint == "Use it."
    assert failure_of(assert_close, 1.0, expected, mistakes=mistakes).mistake == "another shape"
    assert failure_of(assert_close, expected + 3e-7, expected, mistakes={"m": expected})


def test_a_wrong_expected_value_is_the_authors_error() -> None:
    for wrong in (None, "1", [1.0], np.array([None])):
        with pytest.raises(TypeError):
            assert_close(1.0, wrong, what="x")
        with pytest.raises(TypeError):
            assert_close(1.0, 1.0, what="x", mistakes={"m": wrong})


def test_assert_array_gives_the_array_back(failure_of: FailureOf) -> None:
    x = np.ones((5, 3))
    assert assert_array(x, shape=(None, 3), what="x") is x
    assert failure_of(assert_array, x.T, shape=(None, 3)).expected == (
        "an array of shape (any, 3), float"
    )
    failure_of(assert_array, x, shape=(5,))
    failure_of(assert_array, x, shape=(5, 3), kind="ib")
    failure_of(assert_array, 1.0, shape=())
    assert_array(np.array(1.0), shape=(), what="x")
    assert_array(np.array([True]), shape=(1,), what="x", kind="ib")


def test_assert_array_names_what_is_not_finite(failure_of: FailureOf) -> None:
    x = np.array([[1.0, np.inf], [np.nan, 2.0]])
    failure = failure_of(assert_array, x, shape=(2, 2))
    assert failure.got == "2 of 4 elements that are not finite, the first at [0, 1]: inf"
    assert failure.index == (0, 1)
    assert_array(x, shape=(2, 2), what="x", finite=False)


def test_assert_scalar_takes_one_real_number(failure_of: FailureOf) -> None:
    for good in (1, 1.0, np.float32(1), np.int8(1), np.array(1.0)):
        value = assert_scalar(good, what="x")
        assert value == 1.0
        assert type(value) is float
    for bad in (True, np.True_, np.array([1.0]), 1j, np.nan, np.inf, "1", 10**400, [1.0]):
        failure_of(assert_scalar, bad)
    assert np.isnan(assert_scalar(np.nan, what="x", finite=False))


def test_assert_between_shows_its_bounds_in_public_only(failure_of: FailureOf) -> None:
    assert assert_between(0.5, 0.5, 0.5, what="x") == 0.5
    failure = failure_of(assert_between, 0.75, 0.125, 0.5)
    assert failure.expected == "a number in the allowed range"
    assert failure.got == "0.75, too large"
    failure_of(assert_between, np.nan, -np.inf, np.inf)
    with revealing_expected(True):
        words = failure_of(assert_between, 0, 0.125, 0.5).expected
    assert words == "a number between 0.125 and 0.5"


def test_check_takes_a_bool_only(failure_of: FailureOf) -> None:
    check(np.bool_(True), what="x", expected="rows that sum to 1")
    failure = failure_of(check, False, expected="rows that sum to 1", got="0.7", mistake="axis 0")
    assert (failure.expected, failure.got, failure.mistake) == (
        "rows that sum to 1",
        "0.7",
        "axis 0",
    )
    for wrong in (1, None, np.array([True]), "yes"):
        with pytest.raises(TypeError):
            check(wrong, what="x", expected="y")


def test_a_sequence_has_its_length_and_comes_back_as_a_list() -> None:
    assert assert_sequence((1, "a"), 2, what="x") == [1, "a"]
    assert assert_sequence([], 0, what="x") == []


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ((1, 2, 3), "a tuple of 3 numbers"),
        (None, "None"),
        (np.ones(2), "an array of shape (2,)"),
        ({0: 1, 1: 2}, "a dict of 2 items"),
        ("ab", "the string 'ab'"),
    ],
)
def test_what_is_no_pair_is_named(failure_of: FailureOf, value: object, words: str) -> None:
    failure = failure_of(assert_sequence, value, 2, expected="a pair (w, b)")
    assert failure.expected == "a pair (w, b)"
    assert words in failure.got
