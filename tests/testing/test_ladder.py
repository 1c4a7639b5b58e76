"""Partial credit, and ladders that climb it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from grader.testing import Failure, Points, assert_accuracy, assert_ladder, revealing_expected

FailureOf = Callable[..., Failure]
LADDER = [(0.9, 1.0), (0.6, 0.5)]
LABELS = np.array([0, 1, 2, 1, 0])


def test_a_test_without_awards_has_earned_all() -> None:
    assert Points().fraction == 1.0
    points = Points()
    points.award(0.25, "a")
    points.award(0.5, "b")
    assert points.fraction == 0.75
    assert [award.why for award in points.awards] == ["a", "b"]
    with pytest.raises(ValueError, match="more than 1"):
        points.award(0.5, "c")
    for wrong in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="a fraction"):
            points.award(wrong, "d")
    nothing = Points()
    nothing.award(0, "none")
    assert nothing.fraction == 0


@pytest.mark.parametrize(("right", "fraction"), [(5, 1.0), (4, 0.5), (3, 0.5)])
def test_the_first_threshold_reached_is_awarded(right: int, fraction: float) -> None:
    points = Points()
    predictions = np.where(np.arange(5) < right, LABELS, 9)
    assert assert_accuracy(predictions, LABELS, ladder=LADDER, points=points, what="x") == right / 5
    assert points.fraction == fraction


def test_below_every_threshold_fails(failure_of: FailureOf) -> None:
    points = Points()
    failure = failure_of(assert_accuracy, LABELS * 0, LABELS, ladder=LADDER, points=points)
    assert failure.got == "an accuracy of 40 %"
    assert "0.6" not in str(failure)
    assert points.awards == ()
    with revealing_expected(True):
        failure = failure_of(assert_accuracy, LABELS * 0, LABELS, ladder=LADDER, points=points)
    assert failure.expected == "an accuracy of at least 60 %"


@pytest.mark.parametrize(
    "wrong", [LABELS[:, None], LABELS[:4], LABELS.astype(float), LABELS.tolist(), np.float64(1)]
)
def test_predictions_of_another_form_fail(failure_of: FailureOf, wrong: object) -> None:
    failure_of(assert_accuracy, wrong, LABELS, ladder=LADDER, points=Points())


def test_float_and_bool_labels() -> None:
    truth = np.array([0.0, 1.0])
    for predictions in (truth, truth.astype(int), truth.astype(bool)):
        assert assert_accuracy(predictions, truth, ladder=[(1, 1)], points=Points(), what="x") == 1


def test_lower_can_be_better(failure_of: FailureOf) -> None:
    ladder = [(0.01, 1.0), (0.03, 0.4)]
    points = Points()
    assert_ladder(0.03, ladder=ladder, points=points, what="x", higher_is_better=False)
    assert points.fraction == 0.4
    assert points.awards[0].why == "x: good enough for part of the points, not for all"
    failure = failure_of(
        assert_ladder, 0.04321, ladder=ladder, points=Points(), higher_is_better=False
    )
    assert "0.04" not in str(failure)
    with revealing_expected(True):
        failure = failure_of(
            assert_ladder, 0.04321, ladder=ladder, points=Points(), higher_is_better=False
        )
    assert (failure.expected, failure.got) == ("a value of at most 0.03", "0.04321")


def test_thresholds_that_the_handout_states_are_shown_with_two_digits_of_the_value(
    failure_of: FailureOf,
) -> None:
    ladder, points = [(0.01, 1.0), (0.03, 0.4)], Points()
    kind = {"ladder": ladder, "higher_is_better": False, "stated": True}
    assert_ladder(0.0256, points=points, what="x", **kind)
    assert points.awards[0].why == "x: 0.026, where at most 0.01 earns all points"
    failure = failure_of(assert_ladder, 0.04321, points=Points(), **kind)
    assert (failure.expected, failure.got) == ("a value of at most 0.03", "0.043")
    assert failure_of(assert_ladder, 0.03001, points=Points(), **kind).got == "0.03001"
    points = Points()
    kind = {"ladder": LADDER, "points": points, "stated": True}
    assert_accuracy(np.array([0, 1, 2, 1, 9]), LABELS, what="x", **kind)
    assert points.awards[0].why.endswith("80 %, where at least 90 % earns all points")
    failure = failure_of(assert_accuracy, LABELS * 0, LABELS, **kind)
    assert failure.expected == "an accuracy of at least 60 %"


def test_the_sentence_of_partial_credit_reads_well() -> None:
    """No ",:" after an apposition, and not "all points" where the best earns a part of them."""
    points, ladder = Points(), [(0.01, 0.5), (0.03, 0.2)]
    for value in (0.02, 0.01):
        assert_ladder(
            value,
            ladder=ladder,
            points=points,
            what="x, of y,",
            stated=True,
            higher_is_better=False,
        )
    assert [award.why for award in points.awards] == [
        "x, of y: 0.02, where at most 0.01 earns more points",
        "x, of y: 0.01, good enough",
    ]


def test_a_ladder_in_the_wrong_order_is_the_authors_error() -> None:
    for ladder in ([(0.5, 0.5), (0.9, 1.0)], []):
        with pytest.raises(ValueError, match="ladder"):
            assert_ladder(1.0, ladder=ladder, points=Points(), what="x")
