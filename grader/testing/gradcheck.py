"""Central differences, and a check of gradients against them that reports every parameter.

The loss is called with perturbed copies only; what it returns may come from a submission and is
looked at before it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.testing.asserts import assert_scalar
from grader.testing.describe import describe, shape_words, short_number
from grader.testing.diagnose import elementwise_mistake, find_mistake
from grader.testing.failure import expected_is_revealed, fail
from grader.testing.values import Array, read_numbers

Loss = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class _Wrong:
    """One parameter whose gradient is wrong."""

    name: str
    got: str
    mistake: str | None = None
    index: tuple[int, ...] | None = None


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
        partial = _of_one(loss, points, name)
        wrong = _check_one(
            partial, name, point, found[name], entries, delta, (rtol, atol), batch_size
        )
        if wrong is not None:
            wrongs.append(wrong)
    if wrongs:
        _report(wrongs, what, hint)


def _of_one(loss: Loss, points: dict[str, Array], name: str) -> Callable[[Any], Any]:
    """The loss as a function of one parameter; the others as copies, numbers as floats."""

    def partial(value: Any) -> Any:
        others = {k: p.copy() if p.ndim else float(p) for k, p in points.items() if k != name}
        return loss(**others, **{name: value})

    return partial


def _choose_entries(
    shape: tuple[int, ...], max_entries: int, rng: np.random.Generator
) -> list[tuple[int, ...]]:
    size = int(np.prod(shape))
    flat = np.arange(size)
    if size > max_entries:
        flat = np.sort(rng.choice(size, max_entries, replace=False))
    return [tuple(int(i) for i in np.unravel_index(int(k), shape)) for k in flat]


def _check_one(
    loss: Callable[[Array], Any],
    name: str,
    point: Array,
    gradient: Any,
    entries: list[tuple[int, ...]],
    delta: float,
    tolerances: tuple[float, float],
    batch_size: int | None,
) -> _Wrong | None:
    given = read_numbers(gradient)
    if given is None or given.kind not in "if":
        return _Wrong(name=name, got=describe(gradient))
    if given.shape != point.shape:
        got = f"{describe(gradient)} where the parameter has shape {shape_words(point.shape)}"
        mistake = find_mistake(given.array, np.zeros(point.shape), 0.0, 0.0)
        return _Wrong(name=name, got=got, mistake=mistake)
    rtol, atol = tolerances
    differences = np.array([_central_difference(loss, point, i, delta) for i in entries])
    values = np.array([given.array[i] for i in entries], dtype=np.float64)
    with np.errstate(all="ignore"):
        error = np.abs(values - differences)
        tol = atol + rtol * np.abs(differences)
        bad = ~(error <= tol)  # not (error > tol): NaN must count as bad
    if not bad.any():
        return None
    return _describe_wrong(name, point, entries, values, differences, bad, error / tol, batch_size)


def _describe_wrong(
    name: str,
    point: Array,
    entries: list[tuple[int, ...]],
    values: Array,
    differences: Array,
    bad: Array,
    score: Array,
    batch_size: int | None,
) -> _Wrong:
    worst = int(np.argmax(np.where(np.isnan(score), np.inf, np.where(bad, score, 0.0))))
    index = entries[worst]
    checked = "" if len(entries) == point.size else " checked"
    place = f" at [{', '.join(str(i) for i in index)}]" if index else ""
    got = f"{int(bad.sum())} of {len(entries)}{checked} entries wrong, worst{place}: "
    got += short_number(float(values[worst]))
    if expected_is_revealed():
        got += f" where {short_number(float(differences[worst]))} is expected"
    if np.isfinite(values).all():
        mistake = elementwise_mistake(values, differences, 1e-5, batch_size)
        if mistake is None and len(entries) == point.size:
            g, d = values.reshape(point.shape), differences.reshape(point.shape)
            mistake = find_mistake(g, d, 1e-5, 0.0, batch_size=batch_size)
    else:
        mistake = None
    return _Wrong(name=name, got=got, mistake=mistake, index=index or None)


def _report(wrongs: list[_Wrong], what: str, hint: str | None) -> None:
    got = "; ".join(f"{wrong.name}: {wrong.got}" for wrong in wrongs)
    named: dict[str, list[str]] = {}
    for wrong in wrongs:
        if wrong.mistake:
            named.setdefault(wrong.mistake, []).append(wrong.name)
    mistake = "; ".join(f"{', '.join(names)}: {words}" for words, names in named.items())
    expected = "the gradient of the loss (checked by central differences)"
    index = wrongs[0].index
    fail(what=what, expected=expected, got=got, mistake=mistake or None, hint=hint, index=index)
