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
    hint: str | None = None,
) -> float:
    """The fraction of `predictions` (N,) that equal `labels` (N,), graded by a ladder.

    `ladder` is [(accuracy, fraction of the points), ...], the best first; the first rung reached
    is awarded. Predictions are whole numbers or bools, array or tensor. Gives back the accuracy.
    Raises CheckFailed where no rung is reached. A hidden test shows whole percents only.
    """
    truth = read_numbers(labels)
    if truth is None or len(truth.shape) != 1 or truth.kind not in "bif":
        raise TypeError(f"labels must be an array of shape (N,), not {describe(labels)}")
    kinds = "bif" if truth.kind == "f" else "bi"
    given = assert_array(predictions, shape=truth.shape, what=what, kind=kinds, hint=hint)
    accuracy = float(np.mean(given == truth.array))
    shown = f"an accuracy of {math.floor(accuracy * 100 + 1e-9)} %"
    _climb(accuracy, ladder, points, what=what, shown=shown, noun="accuracy", hint=hint)
    return accuracy


def assert_ladder(
    value: Any,
    *,
    ladder: Ladder,
    points: Points,
    what: str,
    higher_is_better: bool = True,
    hint: str | None = None,
) -> float:
    """One measured number graded by a ladder of (threshold, fraction), the best rung first.

    A threshold itself counts as reached. Gives back the number. Raises CheckFailed where no rung
    is reached. A hidden test shows the rung, not the number: it may be the size of an error.
    """
    measured = assert_scalar(value, what=what, hint=hint)
    sign = 1.0 if higher_is_better else -1.0
    shown = (
        short_number(measured) if expected_is_revealed() else "a number short of the lowest rung"
    )
    flipped = [(sign * threshold, fraction) for threshold, fraction in ladder]
    _climb(sign * measured, flipped, points, what=what, shown=shown, noun="value", hint=hint)
    return measured


def _climb(
    value: float,
    ladder: Ladder,
    points: Points,
    *,
    what: str,
    shown: str,
    noun: str,
    hint: str | None,
) -> None:
    if not ladder or [rung for rung, _ in ladder] != sorted((r for r, _ in ladder), reverse=True):
        raise ValueError("a ladder lists its rungs from the best to the lowest")
    for number, (threshold, fraction) in enumerate(ladder, start=1):
        if value >= threshold:
            points.award(fraction, f"{what}: {_rung_words(number, len(ladder), shown, noun)}")
            return
    lowest = f" of at least {short_number(ladder[-1][0])}" if expected_is_revealed() else ""
    if noun != "accuracy":
        lowest = ""
    fail(
        what=what, expected=f"an {noun}{lowest} that reaches the lowest rung", got=shown, hint=hint
    )


def _rung_words(number: int, count: int, shown: str, noun: str) -> str:
    rung = "the best rung" if number == 1 else f"rung {number} of {count}"
    return f"{shown}, {rung}" if noun == "accuracy" else rung
