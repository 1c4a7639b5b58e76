"""Central differences, and a check of gradients against them that reports every parameter.

The loss is called with perturbed copies only; what it returns may come from a submission and is
looked at before it is used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.testing.asserts import assert_close, assert_scalar
from grader.testing.describe import describe, shape_words, short_number
from grader.testing.diagnose import elementwise_mistake, find_mistake
from grader.testing.failure import expected_is_revealed, fail
from grader.testing.values import Array, read_numbers

Loss = Callable[..., Any]
MATCH = 1e-5  # relative: how well a mistake must explain a gradient; differences are good to 1e-9


@dataclass(frozen=True, kw_only=True)
class _Wrong:
    """One parameter whose gradient is wrong."""

    name: str
    got: str
    mistake: str | None = None
    index: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class _Sample:
    """One parameter's gradient beside the central differences, at some or all of its entries."""

    name: str
    shape: tuple[int, ...]
    entries: list[tuple[int, ...]]
    given: Array
    differences: Array

    @property
    def is_whole(self) -> bool:
        return len(self.entries) == math.prod(self.shape)


def numerical_gradient(loss: Loss, theta: Any, delta: float = 1e-5) -> Array:
    """`(loss(θ + δe) - loss(θ - δe)) / 2δ` for every entry of θ, an array of θ's shape.

    θ is left unchanged; `loss` gets a float64 copy and returns a number. Cost: two calls of
    `loss` an entry. The error is O(δ²) from the third derivative plus ε·|loss|/δ from rounding:
    about 1e-10 for values near 1 at δ = 1e-5. Raises CheckFailed where `loss` returns no finite
    number.
    """
    point = np.array(theta, dtype=np.float64)
    gradient = np.zeros_like(point)
    for index in np.ndindex(point.shape):
        gradient[index] = _central_difference(loss, point, index, delta)
    return gradient


def _central_difference(
    loss: Callable[[Any], Any], point: Array, index: tuple[int, ...], delta: float
) -> float:
    values = []
    for step in (delta, -delta):
        moved = point.copy()
        moved[index] += step
        argument = moved if moved.ndim else float(moved)
        values.append(assert_scalar(loss(argument), what="the loss"))
    return (values[0] - values[1]) / (2 * delta)


def check_gradient(
    loss: Loss,
    parameters: Mapping[str, Any],
    gradients: Any,
    *,
    what: str,
    of: str = "the loss",
    rtol: float = 1e-5,
    atol: float = 1e-8,
    delta: float = 1e-5,
    max_entries: int = 60,
    rng: np.random.Generator | None = None,
    batch_size: int | None = None,
    hint: str | None = None,
) -> None:
    """The gradients (a dict from the submission) agree with central differences of `loss`.

    `loss(**parameters)` returns a float; `parameters` are arrays (or numbers) of the test's own,
    `gradients[name]` an array or tensor of the parameter's shape. Of a parameter with more than
    `max_entries` entries that many are drawn by `rng` (a fixed seed without one). Every parameter
    is looked at before the check fails, and each wrong one is reported with its worst entry.
    `of` says in the message what is differentiated, where that is no loss.

    An entry is right if `|g - d| <= atol + rtol * |d|` with d the central difference. In float64
    at δ = 1e-5, d itself is off by δ²/6·f''' (about 2e-11) + ε·|f|/δ (about 2e-11): for values
    near 1 the defaults, 1e-5 and 1e-8, are hundreds of times that, and any wrong term is larger.
    A loss in the thousands has ε·|f|/δ near 1e-8: scale it, or pass a larger `atol`.

    Raises CheckFailed.
    """
    names = ", ".join(parameters)
    if type(gradients) is not dict:
        expected = f"gradients for {names}"
        fail(what=what, expected=expected, got=describe(gradients), hint=hint)
    draw = rng if rng is not None else np.random.default_rng(0)
    points = {name: np.array(value, dtype=np.float64) for name, value in parameters.items()}
    found = {key: value for key, value in gradients.items() if type(key) is str}
    wrongs = []
    for name, point in points.items():
        if name not in found:
            wrongs.append(_Wrong(name=name, got="no gradient"))
            continue
        entries = _choose_entries(point.shape, max_entries, draw)
        sample = _sample(_of_one(loss, points, name), name, point, found[name], entries, delta)
        wrong = sample if isinstance(sample, _Wrong) else _judge(sample, rtol, atol, batch_size)
        if wrong is not None:
            wrongs.append(wrong)
    if wrongs:
        _report(wrongs, what, of, hint)


def _of_one(loss: Loss, points: dict[str, Array], name: str) -> Callable[[Any], Any]:
    """The loss as a function of one parameter; the others as copies, numbers as floats."""

    def partial(value: Any) -> Any:
        others = {k: p.copy() if p.ndim else float(p) for k, p in points.items() if k != name}
        return loss(**others, **{name: value})

    return partial


def _choose_entries(
    shape: tuple[int, ...], max_entries: int, rng: np.random.Generator
) -> list[tuple[int, ...]]:
    size = math.prod(shape)
    flat = np.arange(size)
    if size > max_entries:
        flat = np.sort(rng.choice(size, max_entries, replace=False))
    return [tuple(int(i) for i in np.unravel_index(int(k), shape)) for k in flat]


def _sample(
    loss: Callable[[Any], Any],
    name: str,
    point: Array,
    gradient: Any,
    entries: list[tuple[int, ...]],
    delta: float,
) -> _Sample | _Wrong:
    """The gradient and the central differences at `entries`, if the gradient has a right form."""
    given = read_numbers(gradient)
    if given is None or given.kind not in "if":
        return _Wrong(name=name, got=describe(gradient))
    if given.shape != point.shape:
        got = f"{describe(gradient)} where the parameter has shape {shape_words(point.shape)}"
        mistake = find_mistake(given.array, np.zeros(point.shape), 0.0, 0.0)
        if _sums_to(given.array.shape, point.shape):
            mistake = "the gradient of a broadcast operand is not summed to the operand's shape"
        return _Wrong(name=name, got=got, mistake=mistake)
    return _Sample(
        name=name,
        shape=point.shape,
        entries=entries,
        given=np.array([given.array[i] for i in entries], dtype=np.float64),
        differences=np.array([_central_difference(loss, point, i, delta) for i in entries]),
    )


def _sums_to(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Whether an operand of shape `wanted` broadcasts to `shape`, so that a sum is missing."""
    try:
        return shape != wanted and np.broadcast_shapes(shape, wanted) == shape
    except ValueError:
        return False


def _judge(sample: _Sample, rtol: float, atol: float, batch_size: int | None) -> _Wrong | None:
    with np.errstate(all="ignore"):
        error = np.abs(sample.given - sample.differences)
        tol = atol + rtol * np.abs(sample.differences)
        bad = ~(error <= tol)  # not (error > tol): NaN must count as bad
        score = np.where(bad, np.nan_to_num(error / tol, nan=np.inf), 0.0)
    if not bad.any():
        return None
    worst = int(np.argmax(score))
    index = sample.entries[worst]
    count = f"{int(bad.sum())} of {len(sample.entries)} entries"
    checked = "" if sample.is_whole else " looked at"
    place = f", worst at [{', '.join(str(i) for i in index)}]" if index else ""
    got = f"{count}{checked} wrong{place}: got {short_number(float(sample.given[worst]))}"
    if expected_is_revealed():
        got += f" where {short_number(float(sample.differences[worst]))} is expected"
    mistake = _mistake(sample, batch_size)
    return _Wrong(name=sample.name, got=got, mistake=mistake, index=index or None)


def _mistake(sample: _Sample, batch_size: int | None) -> str | None:
    """A sign or a factor from any sample; an order of entries only where all were looked at."""
    if not np.isfinite(sample.given).all():
        return None
    if not sample.is_whole:
        return elementwise_mistake(sample.given, sample.differences, MATCH, batch_size)
    given, differences = (
        sample.given.reshape(sample.shape),
        sample.differences.reshape(sample.shape),
    )
    return find_mistake(given, differences, MATCH, 0.0, batch_size=batch_size)


def _report(wrongs: list[_Wrong], what: str, of: str, hint: str | None) -> None:
    got = "; ".join(f"{wrong.name}: {wrong.got}" for wrong in wrongs)
    named: dict[str, list[str]] = {}
    for wrong in wrongs:
        if wrong.mistake:
            named.setdefault(wrong.mistake, []).append(wrong.name)
    mistake = "; ".join(f"{', '.join(names)}: {words}" for words, names in named.items())
    expected = f"the gradient of {of} (checked by central differences)"
    index = wrongs[0].index
    fail(what=what, expected=expected, got=got, mistake=mistake or None, hint=hint, index=index)


def check_accumulation(
    once: Any, twice: Any, *, accumulates: bool, what: str, rtol: float = 1e-7
) -> None:
    """The gradient after two equal backward passes, against the one after a single pass.

    With `accumulates` it has doubled (as in torch, until it is set to zero), without it is the
    same (each pass overwrites it). `once` and `twice` come from the submission. A gradient that is
    0 everywhere cannot tell: that is a failed check too. Raises CheckFailed.
    """
    first = read_numbers(once)
    if first is None or first.kind not in "if" or not np.any(first.array):
        words = "a gradient that is not 0 everywhere"
        fail(what=f"{what} after one pass", expected=words, got=describe(once))
    single = np.asarray(first.array, dtype=np.float64)
    expected, other = (2 * single, single) if accumulates else (single, 2 * single)
    mistake = (
        "the gradient is overwritten where it must be added to what is there"
        if accumulates
        else "the gradient is added to that of the pass before, which it must replace"
    )
    words = f"{what} after two passes"
    second = read_numbers(twice)
    if second is None:
        fail(what=words, expected=describe(once), got=describe(twice))
    values = second.array if second.shape else second.array[()]
    close_to: Any = expected if single.shape else float(expected)
    unlike: Any = other if single.shape else float(other)
    assert_close(values, close_to, what=words, rtol=rtol, mistakes={mistake: unlike})
