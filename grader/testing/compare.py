"""Compares two arrays of numbers element by element and words the difference.

Both arrays have passed `read_numbers` and have the same shape. The words hold what came back;
an expected number appears only where the test is public.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.testing.describe import short_number
from grader.testing.values import Array

MAX_ELEMENTS = 50_000_000  # 400 MB of float64: beyond it an array is refused, not looked at


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Which elements are wrong: how many of how many, and where the worst one is."""

    wrong: int
    total: int
    nan: int
    index: tuple[int, ...]
    got: Any
    expected: Any

    def words(self, *, revealed: bool) -> str:
        """ "7 of 15 elements wrong, worst at [2, 1]: got 0.7311"."""
        got, expected = distinct_numbers(self.got, self.expected)
        if not revealed:
            got = short_number(self.got)
        tail = f" where {expected} is expected" if revealed else ""
        if not self.index:
            return f"{got}{tail}"
        every = self.wrong == self.total > 1
        count = f"all {self.total}" if every else f"{self.wrong} of {self.total}"
        place = ", ".join(str(i) for i in self.index)
        return f"{count} elements wrong{self._nan_words()}, worst at [{place}]: got {got}{tail}"

    def _nan_words(self) -> str:
        return f" ({self.nan} of them NaN)" if 0 < self.nan < self.total else ""


def distinct_numbers(got: Any, expected: Any) -> tuple[str, str]:
    """Both numbers with as many digits as it takes to tell them apart (4 to 17)."""
    for digits in (4, 6, 9, 12, 17):
        words = short_number(got, digits), short_number(expected, digits)
        if words[0] != words[1]:
            break
    return words


def wide(array: Array) -> Array:
    """The array in a type wide enough to subtract in: float64, or extended for integers."""
    if array.dtype.kind == "c":
        return array.astype(np.complex128)
    if array.dtype.kind in "iu":
        return array.astype(np.longdouble)
    return array.astype(np.float64)


def wrong_elements(actual: Array, expected: Array, rtol: float, atol: float) -> Array:
    """True where `|actual - expected| <= atol + rtol * |expected|` does not hold.

    NaN is always wrong. An infinity is right only where the same infinity is expected.
    """
    return _score(actual, expected, rtol, atol) > 1


def first_difference(actual: Array, expected: Array, rtol: float, atol: float) -> Difference | None:
    """The `Difference` of two arrays of one shape, or None where all elements are close."""
    if _all_close(actual, expected, rtol, atol):
        return None
    score = _score(actual, expected, rtol, atol)
    wrong = int(np.count_nonzero(score > 1))
    if wrong == 0:
        return None
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(score)), score.shape))
    return Difference(
        wrong=wrong,
        total=int(score.size),
        nan=int(np.count_nonzero(np.isnan(actual))) if actual.dtype.kind in "fc" else 0,
        index=index,
        got=actual[index],
        expected=expected[index],
    )


def _all_close(actual: Array, expected: Array, rtol: float, atol: float) -> bool:
    """Whether two arrays of finite float64 agree, by the first line of `_score`: the usual case.

    False also where it cannot tell (another dtype, infinities).
    """
    if actual.dtype != np.float64 or expected.dtype != np.float64:
        return False
    with np.errstate(all="ignore"):
        size = np.abs(expected)
        close = np.abs(actual - expected) <= atol + rtol * size
    return bool(close.all()) and bool(np.isfinite(size).all())


def _score(actual: Array, expected: Array, rtol: float, atol: float) -> Array:
    """The error in tolerances: at most 1 where the element is right, inf where it is not finite."""
    with np.errstate(all="ignore"):
        a, e = wide(actual), wide(expected)
        error = np.abs(a - e)
        tol = np.where(np.isfinite(e), atol + rtol * np.abs(e), 0.0)
        bad = ~(error <= tol) & (a != e)  # not (error > tol): NaN must count as bad
        score = np.where(bad, error / tol, 0.0)
        score = np.where(np.isnan(score), np.inf, score)
        return np.where(bad, np.maximum(score, 2.0), score)
