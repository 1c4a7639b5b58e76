"""Recognises the mistake behind a wrong array: a sign, a factor, an order, a shape.

It says nothing rather than something false: a match must be tight, and the expected values must
be telling (all zeros, or labels of 0 and 1, match too much by chance). A test's own `mistakes`
come first. The words name no expected number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.testing.compare import wide, wrong_elements
from grader.testing.values import Array, read_numbers

MAX_SIZE = 1_000_000  # elements; larger arrays are not searched for a generic mistake
MAX_PERMUTED = 256  # rows compared with each other


def find_mistake(
    actual: Array,
    expected: Array,
    rtol: float,
    atol: float,
    mistakes: Mapping[str, Any] | None = None,
    batch_size: int | None = None,
) -> str | None:
    """Words for the mistake that turns `expected` into `actual`, or None.

    Both are numeric arrays of any shapes. `mistakes` is compared with the test's own tolerance;
    the generic mistakes with a tighter one.
    """
    named = named_mistake(actual, expected, rtol, atol, mistakes)
    if named is not None:
        return named
    if max(actual.size, expected.size) > MAX_SIZE or 0 in (actual.size, expected.size):
        return None
    with np.errstate(all="ignore"):
        a, e = wide(actual), wide(expected)
        if a.shape != e.shape:
            return _shape_mistake(a, e, rtol)
        if not np.all(np.isfinite(a)) or not np.all(np.isfinite(e)):
            return None
        if _is_narrow(actual, expected) and _tight(a, e, 1e-5):
            return f"it is computed in {actual.dtype.name}, which is too coarse"
        return elementwise_mistake(a, e, rtol, batch_size) or _order_mistake(a, e, rtol)


def _is_narrow(actual: Array, expected: Array) -> bool:
    return actual.dtype.kind == "f" and actual.dtype.itemsize < min(8, expected.dtype.itemsize)


def named_mistake(
    actual: Array,
    expected: Array,
    rtol: float,
    atol: float,
    mistakes: Mapping[str, Any] | None,
) -> str | None:
    """The first of the test's own mistakes that gives `actual` and not `expected`."""
    for words, value in (mistakes or {}).items():
        numbers = read_numbers(value)
        if numbers is None:
            raise TypeError(f"the mistake {words!r} must map to a number, array or tensor")
        wrong = numbers.array
        if wrong.shape != actual.shape or wrong_elements(actual, wrong, rtol, atol).any():
            continue
        if wrong.shape != expected.shape or wrong_elements(wrong, expected, rtol, atol).any():
            return words
    return None


def elementwise_mistake(
    a: Array, e: Array, rtol: float, batch_size: int | None = None
) -> str | None:
    """A sign, a factor or an offset: mistakes that act on each element alone.

    Both arrays are finite floats of one shape.
    """
    with np.errstate(all="ignore"):
        if not np.any(e):
            return None
        if not np.any(a):
            return "every element is zero" if e.size > 1 else None
        if not _telling(e):
            return None
        for words, factor in _factors(batch_size):
            if _tight(a, factor * e, rtol):
                return words
        return _constant_mistake(a, e, rtol)


def _constant_mistake(a: Array, e: Array, rtol: float) -> str | None:
    if _distinct(np.abs(e)) < 3:
        return None
    top = int(np.argmax(np.abs(e)))
    if _tight(a, (a.flat[top] / e.flat[top]) * e, rtol):
        return "every element is off by the same factor"
    offset = np.mean(a - e)
    if _tight(a - offset, e, rtol) and _tight(a, e + offset, rtol):
        return "every element is off by the same amount"
    return None


def _factors(batch_size: int | None) -> list[tuple[str, float]]:
    factors = [("the sign is flipped", -1.0)]
    if batch_size is not None and batch_size > 1:
        n = float(batch_size)
        summed = "it is summed over the batch instead of averaged"
        divided = "it is divided by the batch size once too often"
        factors += [
            (summed, n),
            (divided, 1 / n),
            (f"the sign is flipped, and {summed}", -n),
            (f"the sign is flipped, and {divided}", -1 / n),
        ]
    return [
        *factors,
        ("it is twice as large as it should be", 2.0),
        ("it is half as large as it should be", 0.5),
    ]


def _order_mistake(a: Array, e: Array, rtol: float) -> str | None:
    """The right values in the wrong places."""
    if a.ndim == 0 or _distinct(e) < 3:
        return None
    if a.ndim == 2 and a.shape[0] == a.shape[1] and _tight(a, e.T, rtol):
        return "it is transposed"
    for axis in range(a.ndim):
        if a.shape[axis] > 1 and _tight(a, np.flip(e, axis), rtol):
            return f"{_items(a, axis)} are in reverse order"
    for axis in range(a.ndim):
        if _is_shifted(a, e, axis, rtol):
            return f"{_items(a, axis)} are shifted by one place"
    for axis in range(a.ndim):
        if _is_permuted(a, e, axis, rtol):
            return f"{_items(a, axis)} are right but in another order"
    return None


def _items(a: Array, axis: int) -> str:
    if a.ndim == 1:
        return "the elements"
    if a.ndim == 2:
        return ("the rows", "the columns")[axis]
    return f"the entries along axis {axis}"


def _is_shifted(a: Array, e: Array, axis: int, rtol: float) -> bool:
    n = a.shape[axis]
    if n < 4:
        return False
    early, late = np.arange(n - 1), np.arange(1, n)
    for i, j in ((early, late), (late, early)):
        part = np.take(e, j, axis)
        if _distinct(part) >= 3 and _tight(np.take(a, i, axis), part, rtol):
            return True
    return False


def _is_permuted(a: Array, e: Array, axis: int, rtol: float) -> bool:
    n = a.shape[axis]
    if not 3 <= n <= MAX_PERMUTED or a.size > 100_000:
        return False
    rows_a, rows_e = (np.moveaxis(x, axis, 0).reshape(n, -1) for x in (a, e))
    left = list(range(n))
    for row in rows_a:
        match = next((j for j in left if _tight(row, rows_e[j], rtol)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _shape_mistake(a: Array, e: Array, rtol: float) -> str | None:
    if a.ndim == 2 and e.ndim == 2 and a.shape == e.shape[::-1] and a.size > 1:
        exact = _tight(a, e.T, rtol)
        return "it is transposed" if exact else "rows and columns are swapped"
    n = e.size
    if e.ndim in (1, 2) and max(e.shape) == n > 1 and a.shape == (n, n):
        return f"shapes ({n},) and ({n}, 1) were combined, which broadcasts to ({n}, {n})"
    if a.ndim == e.ndim:
        return _length_mistake(a, e, rtol)
    if a.ndim == e.ndim + 1:
        return _unreduced_mistake(a, e, rtol)
    if a.size == e.size and a.ndim and e.ndim and _squeezed(a) == _squeezed(e):
        return (
            "an axis of length 1 is missing" if a.ndim < e.ndim else "an axis of length 1 is left"
        )
    return None


def _unreduced_mistake(a: Array, e: Array, rtol: float) -> str | None:
    """The values before the mean or the sum over one axis, or an axis of length 1 too many."""
    if e.ndim == 0 and a.size == 1:
        return "an array of one element is not a number"
    if _squeezed(a) == _squeezed(e):
        return "an axis of length 1 is left"
    for axis in range(a.ndim):
        if not np.any(e) or not _telling(e):
            return None
        if _tight(a.mean(axis), e, rtol):
            return f"the mean over axis {axis} is not taken"
        if _tight(a.sum(axis), e, rtol):
            return f"the sum over axis {axis} is not taken"
    return None


def _squeezed(a: Array) -> tuple[int, ...]:
    return tuple(n for n in a.shape if n != 1)


def _length_mistake(a: Array, e: Array, rtol: float) -> str | None:
    """One element too few or too many along one axis, the others right."""
    axes = [k for k in range(a.ndim) if a.shape[k] != e.shape[k]]
    if len(axes) != 1 or abs(a.shape[axes[0]] - e.shape[axes[0]]) != 1:
        return None
    axis = axes[0]
    short, long = (a, e) if a.size < e.size else (e, a)
    n = short.shape[axis]
    if _distinct(short) < 2:
        return None
    word = "is missing" if short is a else "is one too many"
    if _tight(short, np.take(long, np.arange(n), axis), rtol):
        return f"the last element along axis {axis} {word}"
    if _tight(short, np.take(long, np.arange(1, n + 1), axis), rtol):
        return f"the first element along axis {axis} {word}"
    return None


def _tight(a: Array, e: Array, rtol: float) -> bool:
    """Closer than chance, whatever the test tolerates: to 1e-3, or 1e-6 for a few numbers."""
    if a.shape != e.shape or not a.size:
        return False
    scale = float(np.max(np.abs(e)))
    widest = 1e-3 if e.size >= 4 else 1e-6
    tol = min(max(rtol, 1e-9), widest) * np.abs(e) + 1e-9 * scale
    return bool(np.all(np.abs(a - e) <= tol))


def _telling(e: Array) -> bool:
    """Whether a factor between values like these cannot be chance: no lone round number."""
    magnitudes = np.abs(e[e != 0])
    if _distinct(magnitudes) >= 2:
        return True
    value = float(magnitudes.flat[0])
    return abs(value - float(f"{value:.2e}")) > 1e-6 * value


def _distinct(e: Array) -> int:
    """The number of different values, those within 1e-9 of the largest taken as one."""
    scale = float(np.max(np.abs(e), initial=0.0))
    if scale == 0 or not np.isfinite(scale):
        return min(e.size, 1)
    return int(np.unique(np.round(e / scale, 9)).size)
