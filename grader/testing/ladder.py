"""Partial credit: points in fractions, and ladders of thresholds for a measured number.

An accuracy is computed here, from predictions: the labels never leave the judge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.testing.asserts import assert_array, assert_scalar
from grader.testing.describe import describe, short_number
from grader.testing.failure import expected_is_revealed, fail
from grader.testing.values import read_numbers

Ladder = Sequence[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Award:
    """A part of a test's points, and why it was given, in words for the student."""

    fraction: float
    why: str


class Points:
    """Collects what a test awards; a test that ends without an award has earned all."""

    def __init__(self) -> None:
        self._awards: list[Award] = []

    def award(self, fraction: float, why: str) -> None:
        """Give `fraction` (0 to 1) of the test's points; several awards add up to at most 1.

        Raises ValueError for a fraction outside [0, 1] and where the sum exceeds 1.
        """
        if not 0 <= fraction <= 1:
            raise ValueError(f"an award is a fraction in [0, 1], not {fraction!r}")
        if self._sum() + fraction > 1 + 1e-9:
            raise ValueError(f"the awards of one test add up to more than 1: {why}")
        self._awards.append(Award(fraction=float(fraction), why=why))

    @property
    def awards(self) -> tuple[Award, ...]:
        """What was awarded, in order."""
        return tuple(self._awards)

    @property
    def fraction(self) -> float:
        """The fraction of the points earned by a test that passed: 1.0 without any award."""
        return min(1.0, self._sum()) if self._awards else 1.0

    def _sum(self) -> float:
        return math.fsum(award.fraction for award in self._awards)


def assert_accuracy(
    predictions: Any,
    labels: Any,
    *,
    ladder: Ladder,
    points: Points,
    what: str,
    stated: bool = False,
    hint: str | None = None,
) -> float:
    """The fraction of `predictions` (N,) that equal `labels` (N,), graded by a ladder.

    `ladder` is [(accuracy, fraction of the points), ...], the best first; the first threshold
    reached is awarded. Predictions are whole numbers or bools, array or tensor. Gives back the
    accuracy. Raises CheckFailed where none is reached. A hidden test shows whole percents only, and
    thresholds where they are `stated` in the handout.
    """
    truth = read_numbers(labels)
    if truth is None or len(truth.shape) != 1 or truth.kind not in "bif":
        raise TypeError(f"labels must be an array of shape (N,), not {describe(labels)}")
    kinds = "bif" if truth.kind == "f" else "bi"
    given = assert_array(predictions, shape=truth.shape, what=what, kind=kinds, hint=hint)
    accuracy = float(np.mean(given == truth.array))
    shown = f"an accuracy of {math.floor(accuracy * 100 + 1e-9)} %"
    number = _reached(accuracy, ladder)
    told = stated or expected_is_revealed()
    if number is None:
        lowest = f"an accuracy of at least {_percent(ladder[-1][0])}"
        words = lowest if told else "an accuracy that earns points"
        fail(what=what, expected=words, got=shown, hint=hint)
    best = f"at least {_percent(ladder[0][0])}" if told else None
    _award(points, ladder, number, f"{_named(what)}: {shown}, ", best)
    return accuracy


def assert_ladder(
    value: Any,
    *,
    ladder: Ladder,
    points: Points,
    what: str,
    higher_is_better: bool = True,
    stated: bool = False,
    hint: str | None = None,
) -> float:
    """One measured number graded by a ladder of (threshold, fraction), the best first.

    A threshold itself counts as reached. Gives back the number. Raises CheckFailed where none is
    reached. A hidden test does not show the number: it may be the size of an error. Where
    the handout states the thresholds (`stated`), it shows them, and two digits of the number.
    """
    measured = assert_scalar(value, what=what, hint=hint)
    sign = 1.0 if higher_is_better else -1.0
    number = _reached(sign * measured, [(sign * threshold, part) for threshold, part in ladder])
    told = stated or expected_is_revealed()
    side = "at least" if higher_is_better else "at most"
    shown = "a value short of it"
    if expected_is_revealed():
        shown = short_number(measured)
    elif stated:
        shown = _told_from(measured, ladder)
    if number is None:
        lowest = f"a value of {side} {short_number(ladder[-1][0])}"
        words = lowest if told else "a value that earns points"
        fail(what=what, expected=words, got=shown, hint=hint)
    best = f"{side} {short_number(ladder[0][0])}" if told else None
    _award(points, ladder, number, f"{_named(what)}: {f'{shown}, ' if told else ''}", best)
    return measured


def _reached(value: float, ladder: Ladder) -> int | None:
    """The first threshold that `value` reaches, counted from 0."""
    thresholds = [threshold for threshold, _ in ladder]
    if not thresholds or thresholds != sorted(thresholds, reverse=True):
        raise ValueError("a ladder lists its thresholds from the best to the lowest")
    return next((i for i, threshold in enumerate(thresholds) if value >= threshold), None)


def _told_from(value: float, ladder: Ladder) -> str:
    """The value with two digits, or as many as tell it from the thresholds."""
    for digits in (2, 3, 4, 6):
        words = short_number(value, digits)
        if all(words != short_number(threshold, digits) for threshold, _ in ladder):
            break
    return words


def _award(points: Points, ladder: Ladder, number: int, lead: str, best: str | None) -> None:
    """Award what threshold `number` earns; `best`, where it may be told, is what earns all."""
    is_all = ladder[0][1] >= 1
    if number == 0:
        words = "good enough for all points" if is_all else "good enough"
    elif best is None:
        words = "good enough for part of the points, not for all"
    else:
        words = f"where {best} earns {'all' if is_all else 'more'} points"
    points.award(ladder[number][1], f"{lead}{words}")


def _named(what: str) -> str:
    """`what` in front of a colon: without the comma that an apposition ends with."""
    return what.rstrip(", ")


def _percent(accuracy: float) -> str:
    return f"{short_number(100 * accuracy)} %"
