"""The strict assertions of a test's last line, for values that came from a submission.

Whatever the value is (None, a string, an array of objects, a handle to an object in the worker),
they raise `CheckFailed` and nothing else. They never call the value's methods, compare it with
`==` or take its truth before its exact type is known. A scalar is not an array, (n,) is not
(n, 1), an empty array is not a scalar, NaN equals nothing. A mistake in the test itself (an
expected value that is no number) is a TypeError or ValueError: the author's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.testing.compare import MAX_ELEMENTS, first_difference
from grader.testing.describe import describe, describe_expected, shape_words, short_number
from grader.testing.diagnose import find_mistake
from grader.testing.failure import expected_is_revealed, fail
from grader.testing.values import KIND_WORDS, Array, Numbers, read_numbers

Mistakes = Mapping[str, Any] | Callable[[], Mapping[str, Any]]
_SCALAR_KINDS = {"b": "b", "i": "if", "f": "if", "c": "ifc"}  # accepted for an expected kind


def assert_close(
    actual: Any,
    expected: Any,
    *,
    what: str,
    rtol: float = 1e-7,
    atol: float = 1e-12,
    mistakes: Mistakes | None = None,
    hint: str | None = None,
    batch_size: int | None = None,
) -> None:
    """`|actual - expected| <= atol + rtol * |expected|` in every element, same shape and kind.

    `expected` is a number, an ndarray or a tensor; a tensor matches only a tensor, an array only
    an array of the same shape and kind (float, integer, bool, complex; any width). For an
    expected number a Python or numpy number or an array of shape () will do, whole or float.
    `mistakes` maps words to what a known mistake would give (arrays or numbers; of another shape
    than `actual`: skipped), or is a function that gives such a mapping, called where the value is
    wrong. `batch_size` lets "summed instead of averaged" be recognised.

    Raises CheckFailed about the student's value, TypeError about `expected`.
    """
    wanted = _author_numbers(expected)
    if not callable(mistakes):
        _checked(mistakes)
    given = read_numbers(actual)
    if given is None or not _same_container(given, wanted):
        fail(what=what, expected=_words(expected), got=_got(actual, wanted), hint=hint)
    if given.shape != wanted.shape or not _same_kind(given, wanted):
        mistake = None
        if given.shape != wanted.shape:
            known = _checked(mistakes)
            mistake = find_mistake(given.array, wanted.array, rtol, atol, known, batch_size)
        fail(what=what, expected=_words(expected), got=describe(actual), mistake=mistake, hint=hint)
    difference = first_difference(given.array, wanted.array, rtol, atol)
    if difference is None:
        return
    known = _checked(mistakes)
    mistake = find_mistake(given.array, wanted.array, rtol, atol, known, batch_size)
    fail(
        what=what,
        expected=_words(expected),
        got=difference.words(revealed=expected_is_revealed()),
        mistake=mistake,
        hint=hint,
        index=difference.index or None,
    )


def _checked(mistakes: Mistakes | None) -> Mapping[str, Any]:
    """The author's known mistakes, once each is known to be numbers. TypeError where one is not."""
    known = mistakes() if callable(mistakes) else mistakes or {}
    for wrong in known.values():
        _author_numbers(wrong)
    return known


def _words(expected: Any) -> str:
    return describe_expected(expected, revealed=expected_is_revealed())


def _author_numbers(expected: Any) -> Numbers:
    numbers = read_numbers(expected)
    if numbers is None:
        raise TypeError(f"a number, array or tensor is needed here, not {describe(expected)}")
    return numbers


def _same_container(given: Numbers, wanted: Numbers) -> bool:
    return (given.container == "tensor") == (wanted.container == "tensor")


def _same_kind(given: Numbers, wanted: Numbers) -> bool:
    accepted = wanted.kind if wanted.shape else _SCALAR_KINDS[wanted.kind]
    return given.kind in accepted


def _got(actual: Any, wanted: Numbers) -> str:
    """`describe`, and for lists and near misses what they would have to be."""
    words = describe(actual)
    if type(actual) in (list, tuple) and wanted.shape:
        return f"{words}, not an array"
    return words


def assert_array(
    actual: Any,
    *,
    shape: tuple[int | None, ...],
    what: str,
    kind: str = "f",
    finite: bool = True,
    hint: str | None = None,
) -> Array:
    """An array or tensor of this shape and kind; gives it back as an ndarray.

    A None in `shape` leaves that axis free. `kind` is one or more of "f" float, "i" integer,
    "b" bool, "c" complex; with "t" it must be a tensor, with "n" a numpy array. `finite` refuses
    NaN and infinities. Raises CheckFailed.
    """
    given = read_numbers(actual)
    if given is None or not _wanted_container(given, actual, kind):
        fail(what=what, expected=_array_requirement(shape, kind), got=describe(actual), hint=hint)
    if not _shape_matches(given.shape, shape) or given.kind not in kind:
        fail(what=what, expected=_array_requirement(shape, kind), got=describe(actual), hint=hint)
    if given.array.size > MAX_ELEMENTS:
        fail(
            what=what,
            expected=_array_requirement(shape, kind),
            got=f"{describe(actual)}, too large",
            hint=hint,
        )
    if finite and given.kind in "fc":
        _require_finite(given.array, _array_requirement(shape, kind), what, hint)
    return given.array


def _wanted_container(given: Numbers, actual: Any, kind: str) -> bool:
    if given.container == "tensor":
        return "n" not in kind
    return "t" not in kind and type(actual) is np.ndarray


def _array_requirement(shape: tuple[int | None, ...], kind: str) -> str:
    noun = "a tensor" if "t" in kind else "an array"
    kinds = " or ".join(KIND_WORDS[letter] for letter in kind if letter in KIND_WORDS)
    return f"{noun} of shape {shape_words(shape)}, {kinds}"


def _shape_matches(given: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    if len(given) != len(wanted):
        return False
    return all(w is None or g == w for g, w in zip(given, wanted, strict=True))


def _require_finite(array: Array, words: str, what: str, hint: str | None) -> None:
    finite = np.isfinite(array)
    if finite.all():
        return
    bad = ~finite
    count = int(np.count_nonzero(bad))
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(bad)), bad.shape))
    place = ", ".join(str(i) for i in index)
    value = short_number(array[index])
    at = f", the first at [{place}]: {value}" if index else f": {value}"
    got = f"{count} of {array.size} elements that are not finite{at}"
    fail(what=what, expected=f"{words}, all finite", got=got, hint=hint, index=index or None)


def assert_scalar(actual: Any, *, what: str, finite: bool = True, hint: str | None = None) -> float:
    """One real number; gives it back as a float.

    A Python int or float, a numpy integer or float scalar, an array or tensor of shape (). Not a
    bool, not an array of size 1. Raises CheckFailed.
    """
    if type(actual) in (float, np.float64) and np.isfinite(actual):
        return float(actual)  # the usual case: a central difference asks thousands of times
    given = read_numbers(actual)
    if given is None or given.shape or given.kind not in "if":
        fail(what=what, expected="a number", got=describe(actual), hint=hint)
    value = float(given.array)
    if finite and not np.isfinite(value):
        fail(what=what, expected="a finite number", got=short_number(value), hint=hint)
    return value


def assert_between(
    actual: Any, low: float, high: float, *, what: str, hint: str | None = None
) -> float:
    """`low <= actual <= high` for one number; gives it back as a float. Raises CheckFailed."""
    value = assert_scalar(actual, what=what, finite=False, hint=hint)
    if low <= value <= high:
        return value
    revealed = expected_is_revealed()
    words = "a number in the allowed range"
    if revealed:
        words = f"a number between {short_number(low)} and {short_number(high)}"
    side = "" if np.isnan(value) else ", too small" if value < low else ", too large"
    fail(what=what, expected=words, got=f"{short_number(value)}{side}", hint=hint)


def assert_sequence(
    actual: Any, length: int, *, what: str, expected: str | None = None, hint: str | None = None
) -> list[Any]:
    """A tuple or list of `length` values, of which nothing is known yet; gives back a list.

    `expected` names them: "a pair (theta, steps)". Raises CheckFailed.
    """
    if type(actual) not in (tuple, list) or len(actual) != length:
        words = expected or f"a tuple of {length} value{'' if length == 1 else 's'}"
        fail(what=what, expected=words, got=describe(actual), hint=hint)
    return list(actual)


def check(
    condition: Any,
    *,
    what: str,
    expected: str,
    got: str | None = None,
    hint: str | None = None,
    mistake: str | None = None,
) -> None:
    """A property that the test computed itself from values an assert helper has looked at.

    `condition` is a bool; `expected` and `got` are words. Raises CheckFailed where it is False,
    TypeError where it is no bool (a test must not take the truth of a student's object).
    """
    if condition is True:
        return
    given = read_numbers(condition)
    if given is None or given.kind != "b" or given.shape or given.container == "tensor":
        raise TypeError(f"check() takes a bool, not {describe(condition)}")
    if not bool(given.array):
        fail(what=what, expected=expected, got=got or "not so", hint=hint, mistake=mistake)
