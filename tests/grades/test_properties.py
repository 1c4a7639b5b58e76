"""What holds for every grade, whatever the attempts, the policy and the adjustments."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.gradebook.grades import (
    Adjustment,
    Case,
    Grade,
    GradeStatus,
    Homework,
    course_grades,
    homework_grade,
)
from grader.gradebook.model import Attempt
from grader.gradebook.policy import Policy

from .test_rules import DUE, attempt

MAX = Decimal(100)
QUICK = settings(max_examples=40, deadline=None)
points = st.decimals(0, 100, places=2)
percents = st.decimals(0, 100, places=1)
lateness = st.one_of(
    st.none(),
    st.timedeltas(timedelta(days=-3), timedelta(days=12)),
    st.integers(-2, 9).map(lambda days: timedelta(days=days)),
)
optional_days = st.one_of(st.none(), st.integers(0, 6))
policies = st.builds(
    Policy,
    attempts=st.sampled_from(["best", "last"]),
    percent_per_day=percents,
    percent_of=st.sampled_from(["score", "max"]),
    max_percent=percents,
    grace_minutes=st.integers(0, 120),
    max_days=optional_days,
    bank_limit=optional_days,
    file_times=st.booleans(),
    places=st.integers(0, 4),
)
adjustments = st.lists(
    st.tuples(st.sampled_from(["add", "set"]), st.decimals(-150, 150, places=3)), max_size=4
).map(
    lambda made: [
        Adjustment(id=i, kind=kind, points=abs(p) if kind == "set" else p, reason="r")
        for i, (kind, p) in enumerate(made)
    ]
)


@st.composite
def attempts(draw: st.DrawFn, errors: bool = True) -> list[Attempt]:
    score = st.one_of(st.none(), points) if errors else points
    made = draw(st.lists(st.tuples(score, lateness, st.integers(1, 4)), max_size=5))
    return [
        attempt(i + 1, None if p is None else str(p), late=late, submission=submission)
        for i, (p, late, submission) in enumerate(made)
    ]


@st.composite
def cases(draw: st.DrawFn, name: str = "hw3", errors: bool = True) -> Case:
    days = draw(st.one_of(st.none(), st.integers(0, 3)))
    return Case(
        homework=Homework(
            id=name,
            due_at=draw(st.sampled_from([DUE, DUE + timedelta(days=7), None])),
            policy=draw(policies),
            max_score=MAX,
        ),
        attempts=draw(attempts(errors)),
        extended_to=None if days is None else DUE + timedelta(days=days),
        excused=draw(st.sampled_from([None, None, None, "a reason"])),
        adjustments=draw(adjustments),
    )


def scored(grade: Grade) -> Decimal:
    assert grade.score is not None
    return grade.score


@QUICK
@given(cases(), st.integers(0, 5))
def test_a_grade_is_within_0_and_the_maximum_or_withheld(case: Case, late_days: int) -> None:
    grade = homework_grade(case, late_days)
    if grade.status in (GradeStatus.EXCUSED, GradeStatus.ERROR):
        assert grade.score is None
    else:
        assert 0 <= scored(grade) <= MAX
    assert 0 <= grade.late_days_spent <= min(late_days, grade.days_late)
    assert grade.late_days_left == late_days - grade.late_days_spent
    assert grade.lines


@QUICK
@given(cases(), st.integers(0, 5))
def test_the_parts_add_up_exactly(case: Case, late_days: int) -> None:
    grade = homework_grade(case, late_days)
    if grade.score is None:
        return
    raw = Fraction(grade.raw_score or 0)
    exact = raw - Fraction(grade.penalty) + Fraction(grade.adjustment)
    half = Fraction(1, 2) / 10**case.homework.policy.places
    assert -half < Fraction(grade.score) - exact <= half  # of two as near, the higher


@QUICK
@given(st.data(), st.integers(0, 4))
def test_the_order_of_what_is_given_never_matters(data: st.DataObject, late_days: int) -> None:
    given_cases = [data.draw(cases(name)) for name in ("hw1", "hw2", "hw3")]
    mixed = [
        replace(
            case,
            attempts=data.draw(st.permutations(case.attempts)),
            adjustments=data.draw(st.permutations(case.adjustments)),
        )
        for case in data.draw(st.permutations(given_cases))
    ]
    assert course_grades(mixed, late_days) == course_grades(given_cases, late_days)


@QUICK
@given(cases(errors=False), points, lateness, st.integers(0, 5))
def test_with_best_one_more_attempt_never_lowers_the_grade(
    case: Case, score: Decimal, late: timedelta | None, late_days: int
) -> None:
    policy = replace(case.homework.policy, attempts="best")
    case = replace(case, homework=replace(case.homework, policy=policy), excused=None)
    more = replace(case, attempts=[*case.attempts, attempt(99, str(score), late=late)])
    assert scored(homework_grade(more, late_days)) >= scored(homework_grade(case, late_days))


@QUICK
@given(cases(errors=False), st.integers(0, 5))
def test_an_extension_or_a_late_day_never_lowers_a_grade(case: Case, late_days: int) -> None:
    case = replace(case, excused=None)
    longer = replace(case, extended_to=(case.extended_to or DUE) + timedelta(days=2))
    plain = homework_grade(case, late_days)
    assert scored(homework_grade(longer, late_days)) >= scored(plain)
    assert scored(homework_grade(case, late_days + 1)) >= scored(plain)


@QUICK
@given(points, st.timedeltas(timedelta(0), timedelta(days=9)), policies)
def test_later_is_never_better(score: Decimal, late: timedelta, policy: Policy) -> None:
    def at(by: timedelta) -> Decimal:
        homework = Homework(id="hw3", due_at=DUE, policy=policy, max_score=MAX)
        one = attempt(1, str(score), late=by)
        return scored(homework_grade(Case(homework=homework, attempts=[one])))

    assert at(late + timedelta(hours=7)) <= at(late)
