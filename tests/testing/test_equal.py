"""Exact equality, arguments left alone, exceptions raised."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.testing import (
    CheckFailed,
    Failure,
    assert_equal,
    assert_raises,
    assert_unchanged,
    revealing_expected,
)

FailureOf = Callable[..., Failure]
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(-9, 9)
PLAIN = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(PLAIN)
@settings(max_examples=60, deadline=None)
def test_a_plain_value_equals_itself(value: Any) -> None:
    assert_equal(value, value, what="x")
    assert_unchanged(value, value, what="x")


@given(PLAIN, PLAIN)
@settings(max_examples=100, deadline=None)
def test_different_plain_values_differ(a: Any, b: Any) -> None:
    if repr(a).replace("-0.0", "0.0") == repr(b).replace("-0.0", "0.0"):
        return
    if type(a) is dict or "{" in repr((a, b)):
        return  # dicts of another order are equal
    with pytest.raises(CheckFailed):
        assert_equal(a, b, what="x")


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (1, True),
        (True, 1),
        (1.0, 1),
        (1, 1.0),
        ((1, 2), [1, 2]),
        ([1, 2], (1, 2)),
        ([1, 2, 3], [1, 2]),
        ({"a": 1}, {"b": 1}),
        ({True: 1}, {1: 1}),
        ({"a": 1, "b": 2}, {"a": 1}),
        (b"a", "a"),
        (float("nan"), float("nan")),
        (np.array([1, 2]), [1, 2]),
        ([1, 2], np.array([1, 2])),
        (np.array([1, 2, 3]), np.array([1, 2])),
        (np.array([1, 2]), np.array([1, 3])),
        (np.array([1.0, 2.0]), np.array([1, 2])),
        (10**400 + 1, 10**400),
        (np.int64(2), 3),
        (None, 0),
        (0, None),
    ],
)
def test_what_is_not_the_same_fails(failure_of: FailureOf, actual: Any, expected: Any) -> None:
    failure_of(assert_equal, actual, expected)


def test_numpy_scalars_stand_for_python_numbers() -> None:
    assert_equal(np.int32(330), 330, what="x")
    assert_equal(np.True_, True, what="x")
    assert_equal([np.float64(0.5)], [0.5], what="x")
    assert_equal(np.array([1, 2], np.uint8), np.array([1, 2]), what="x")


def test_the_place_is_named_and_the_value_hidden(failure_of: FailureOf) -> None:
    failure = failure_of(assert_equal, [1, {"a": 41}], [1, {"a": 42}])
    assert failure.what == "the result at [1]['a']"
    assert failure.expected == "a whole number"
    assert "41" in failure.got
    with revealing_expected(True):
        assert failure_of(assert_equal, "no", "yes").expected == "the string 'yes'"
    assert failure_of(assert_equal, "no", "yes").expected == "a certain string"
    assert "secret" not in str(failure_of(assert_equal, {}, {"secret": 1}))
    assert "secret" not in str(failure_of(assert_equal, {"s": 1}, {"secret": 1}))


def test_mistakes_of_any_plain_type_are_named(failure_of: FailureOf) -> None:
    mistakes = {"the bias is not counted": 300, "a list": [1]}
    assert failure_of(assert_equal, 300, 330, mistakes=mistakes).mistake == (
        "the bias is not counted"
    )
    assert failure_of(assert_equal, [1], [2], mistakes=mistakes).mistake == "a list"


def test_an_object_cannot_be_expected() -> None:
    with pytest.raises(TypeError):
        assert_equal(1, object(), what="x")


def test_a_change_in_place_is_seen(failure_of: FailureOf) -> None:
    before = np.array([1.0, np.nan])
    assert_unchanged(before, before.copy(), what="x")
    assert_unchanged([before, {"a": before}], [before.copy(), {"a": before.copy()}], what="x")
    for after in (before + 1, before[:1], before.astype(np.float32), before.tolist(), None):
        failure_of(assert_unchanged, before, after)
    failure_of(assert_unchanged, [before], [before, before])


class StudentFault(Exception):
    """As the judge raises it for an exception of student code."""

    def __init__(self, name: str, *bases: str) -> None:
        super().__init__("secret message")
        self.fault = SimpleNamespace(type=name, bases=bases)


def test_an_exception_is_known_by_its_name_or_its_bases(failure_of: FailureOf) -> None:
    def call(*args: str, raised: Exception | None, **kwargs: str) -> None:
        with assert_raises(*args, **kwargs):  # type: ignore[arg-type]
            if raised is not None:
                raise raised

    missing = StudentFault("MissingKey", "KeyError", "LookupError")
    call("ValueError", "KeyError", raised=missing, what="x")
    call(raised=missing, what="x")
    assert failure_of(call, "ValueError", raised=missing).got == "MissingKey raised"
    assert failure_of(call, "ValueError", raised=None).got == "no exception"
    unfinished = StudentFault("NotImplementedError", "RuntimeError", "Exception")
    failure_of(call, "RuntimeError", raised=unfinished)
    failure_of(call, raised=unfinished)
    call("NotImplementedError", raised=unfinished, what="x")


def test_other_exceptions_pass_through() -> None:
    for error in (TimeoutError("the worker"), ValueError("ours"), KeyboardInterrupt()):
        with pytest.raises(type(error)), assert_raises("ValueError", what="x"):
            raise error
