"""The rules of grades, one by one; `docs/grades.md` has the worked examples."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from grader.errors import UsageError
from grader.gradebook.grades import (
    Adjustment,
    Case,
    Grade,
    GradeStatus,
    Homework,
    course_grades,
    current_attempts,
    days_late,
    homework_grade,
    most_points,
)
from grader.gradebook.model import Attempt, AttemptStatus, Handed, Key
from grader.gradebook.policy import Policy, policy_from_dict, policy_to_dict

DUE = datetime(2026, 10, 2, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEN = Policy(percent_per_day=Decimal(10))


def attempt(
    id: int = 1,
    score: str | None = "92.5",
    *,
    late: timedelta | None = timedelta(0),
    submission: int | None = None,
    status: AttemptStatus = AttemptStatus.GRADED,
    time_from: str = "commit",
    source: str = "",
    **handed: Any,
) -> Attempt:
    """An attempt handed in `late` after the due date, or (None) at an unknown time."""
    return Attempt(
        id=id,
        submission_id=submission or id,
        key=Key(
            homework="hw3",
            student="ana",
            submission_hash=f"s{id}",
            suite_hash="t",
            environment_hash="e",
        ),
        handed=Handed(
            submitted_at=None if late is None else DUE + late,
            time_from=time_from,
            source=source or f"submissions/{id}",
            **handed,
        ),
        status=AttemptStatus.ERROR if score is None else status,
        score=None if score is None else Decimal(score),
        max_score=None if score is None else Decimal(100),
        graded_at=DUE,
        error="the judge process died" if score is None else None,
    )


def grade(*attempts: Attempt, policy: Policy = TEN, late_days: int = 0, **others: Any) -> Grade:
    homework = Homework(id="hw3", due_at=DUE, policy=policy, max_score=Decimal(100))
    return homework_grade(Case(homework=homework, attempts=attempts, **others), late_days)


@pytest.mark.parametrize(
    ("late", "grace", "days"),
    [
        (-DAY, 0, 0),
        (timedelta(0), 0, 0),
        (timedelta(microseconds=1), 0, 1),
        (DAY, 0, 1),
        (DAY + timedelta(microseconds=1), 0, 2),
        (timedelta(minutes=15), 15, 0),
        (timedelta(minutes=15, microseconds=1), 15, 1),
        (DAY + timedelta(minutes=1), 15, 2),
        (9 * DAY, 0, 9),
    ],
)
def test_days_begun(late: timedelta, grace: int, days: int) -> None:
    assert days_late(late, grace) == days


def test_a_day_is_24_hours_whatever_the_clocks_do() -> None:
    from zoneinfo import ZoneInfo

    berlin = ZoneInfo("Europe/Berlin")
    due = datetime(2026, 10, 24, 23, 59, tzinfo=berlin)  # the clocks go back in the night
    handed_in = datetime(2026, 10, 25, 23, 30, tzinfo=berlin)
    by = handed_in.astimezone(UTC) - due.astimezone(UTC)
    assert by == timedelta(hours=24, minutes=31)
    assert days_late(by) == 2


def test_on_time_costs_nothing() -> None:
    assert grade(attempt()).score == Decimal("92.5")


@pytest.mark.parametrize("base", ["score", "max"])
def test_nothing_is_taken_of_nothing_and_no_line_pretends_so(base: str) -> None:
    found = grade(attempt(score="0", late=HOUR), policy=replace(TEN, percent_of=base))
    assert (found.score, found.penalty, found.days_late) == (0, 0, 1)
    assert found.lines[-1] == "1 h late: 1 day"


def test_percent_of_the_score_or_of_the_maximum() -> None:
    assert grade(attempt(late=HOUR)).score == Decimal("83.25")
    of_max = Policy(percent_per_day=Decimal(10), percent_of="max")
    assert grade(attempt(late=HOUR), policy=of_max).score == Decimal("82.5")
    assert grade(attempt(score="3", late=HOUR), policy=of_max).score == 0


def test_penalties_are_capped_and_too_late_is_not_accepted() -> None:
    capped = Policy(percent_per_day=Decimal(10), max_percent=Decimal(30), max_days=5)
    assert grade(attempt(late=5 * DAY), policy=capped).score == Decimal("64.75")
    too_late = grade(attempt(late=5 * DAY + HOUR), policy=capped)
    assert (too_late.score, too_late.days_late) == (0, 6)


def test_the_best_after_lateness_counts_or_the_last() -> None:
    attempts = [attempt(1, "90"), attempt(2, "95", late=HOUR), attempt(3, "85", late=2 * HOUR)]
    assert grade(*attempts).attempt == attempts[0]
    last = Policy(attempts="last", percent_per_day=Decimal(10))
    assert grade(*attempts, policy=last).score == Decimal("76.5")


def test_of_equal_attempts_the_earlier_counts() -> None:
    assert grade(attempt(2, "90", late=-HOUR), attempt(1, "90")).attempt == attempt(
        2, "90", late=-HOUR
    )


def test_an_unknown_time_is_the_earliest_and_on_time() -> None:
    unknown = attempt(1, "90", late=None)
    last = Policy(attempts="last")
    assert grade(unknown, attempt(2, "10", late=-DAY), policy=last).score == 10
    (warning,) = grade(unknown).warnings
    assert warning == "nothing says when it was handed in: counted as on time"


def test_a_files_own_time_counts_only_where_the_policy_says_so() -> None:
    of_file = attempt(late=HOUR, time_from="file")
    assert grade(of_file).score == Decimal("92.5")
    (warning,) = grade(of_file).warnings
    assert "nothing but a file's own time" in warning
    policy = Policy(percent_per_day=Decimal(10), file_times=True)
    assert grade(of_file, policy=policy).score == Decimal("83.25")


def test_canvas_says_what_is_late_but_not_by_how_much() -> None:
    late = attempt(late=None, layout="canvas", marked_late=True)
    assert "by how much" in grade(late).warnings[0]
    assert grade(attempt(late=None, layout="canvas")).warnings == ()


def test_an_extension_moves_the_due_date_and_never_back() -> None:
    late = attempt(late=30 * HOUR)
    assert grade(late, extended_to=DUE + DAY, extension_reason="ill").days_late == 1
    assert grade(late, extended_to=DUE - DAY).days_late == 2


def test_excused_does_not_count() -> None:
    excused = grade(attempt(), excused="conference", late_days=3)
    assert (excused.status, excused.score) == (GradeStatus.EXCUSED, None)
    assert excused.late_days_left == 3


def test_missing_is_zero_and_can_be_adjusted() -> None:
    assert (grade().status, grade().score) == (GradeStatus.MISSING, 0)
    oral = Adjustment(id=1, kind="set", points=Decimal(75), reason="oral exam")
    assert grade(adjustments=[oral]).score == 75


def test_unreadable_is_zero_and_says_so() -> None:
    unread = grade(attempt(score="0", status=AttemptStatus.UNREADABLE))
    assert (unread.status, unread.score) == (GradeStatus.UNREADABLE, 0)
    assert "could not be read" in unread.lines[0]


def test_an_error_of_ours_withholds_the_grade_where_it_could_change_it() -> None:
    broken = attempt(2, None, late=-HOUR)
    for policy in (Policy(), Policy(attempts="last")):
        withheld = grade(broken, policy=policy)
        assert (withheld.status, withheld.score) == (GradeStatus.ERROR, None)
    withheld = grade(broken, attempt(1, "80", late=-DAY))
    assert withheld.score is None
    assert "attempt 1 alone would give 80" in withheld.lines[-1]
    assert grade(broken, attempt(1, "100")).score == 100
    last = Policy(attempts="last")
    assert grade(broken, attempt(1, "80"), policy=last).score == 80
    assert grade(attempt(2, None), attempt(1, "80", late=-DAY), policy=last).score is None
    settled = Adjustment(id=1, kind="set", points=Decimal(70), reason="graded by hand")
    assert grade(broken, adjustments=[settled]).score == 70


def test_an_error_is_settled_by_a_later_verdict_on_the_same_source() -> None:
    broken = attempt(1, None, source="submissions/ana")
    assert grade(broken, attempt(2, "80", source="submissions/ana")).score == 80
    assert grade(broken, attempt(2, "80", source="submissions/ana-2")).score is None


def test_the_latest_verdict_on_a_submission_counts_even_if_lower() -> None:
    before, after = attempt(1, "90", submission=5), attempt(2, "85", submission=5)
    assert grade(before, after).score == 85
    assert current_attempts([after, before, attempt(3, None, submission=5)]) == [after]


def test_adjustments_apply_in_the_order_they_were_made() -> None:
    add = Adjustment(id=1, kind="add", points=Decimal("2.5"), reason="a question was wrong")
    put = Adjustment(id=2, kind="set", points=Decimal(50), reason="agreed")
    less = Adjustment(id=3, kind="add", points=Decimal("-10"), reason="copied")
    assert grade(attempt(), adjustments=[add]).score == 95
    assert grade(attempt(), adjustments=[less, put, add]).score == 40
    assert grade(attempt(score="5"), adjustments=[less]).score == 0


def test_above_the_maximum_only_where_the_policy_allows_it() -> None:
    bonus = Adjustment(id=1, kind="add", points=Decimal(20), reason="bonus")
    assert grade(attempt(), adjustments=[bonus]).score == 100
    assert grade(attempt(), adjustments=[bonus], policy=Policy(over_max=True)).score == Decimal(
        "112.5"
    )


def test_rounding_is_once_at_the_end_and_halves_go_up() -> None:
    third = Policy(percent_per_day=Decimal("33.3"))
    assert grade(attempt(score="92.55", late=HOUR), policy=third).score == Decimal("61.73")
    for score, rounded in (("0.125", "0.13"), ("0.135", "0.14"), ("0.124999", "0.12")):
        assert grade(attempt(score=score)).score == Decimal(rounded)
    whole = Policy(places=0)
    assert grade(attempt(score="92.5"), policy=whole).score == 93


def bank(scores: dict[str, tuple[str, timedelta]], late_days: int, **policy: Any) -> dict[str, Any]:
    """Homeworks a week apart, each with one attempt this late; what was spent, and the grades."""
    rules = Policy(percent_per_day=Decimal(10), **policy)
    cases = []
    for week, (name, (score, late)) in enumerate(scores.items()):
        homework = Homework(id=name, due_at=DUE + 7 * week * DAY, policy=rules)
        one = attempt(week + 1, score, late=7 * week * DAY + late)
        cases.append(Case(homework=homework, attempts=[one]))
    grades = course_grades(reversed(cases), late_days)
    return {name: (grades[name].late_days_spent, grades[name].score) for name in scores}


def test_late_days_are_spent_in_the_order_of_the_due_dates() -> None:
    late = {"hw1": ("80", 2 * DAY), "hw2": ("90", timedelta(0)), "hw3": ("100", 2 * DAY)}
    assert bank(late, 3) == {"hw1": (2, 80), "hw2": (0, 90), "hw3": (1, 90)}
    assert bank(late, 3, bank_limit=1) == {"hw1": (1, 72), "hw2": (0, 90), "hw3": (1, 90)}


def test_late_days_are_not_spent_where_they_do_not_help() -> None:
    assert bank({"hw1": ("0", DAY), "hw2": ("100", DAY)}, 1) == {"hw1": (0, 0), "hw2": (1, 100)}
    never = {"hw1": ("90", 9 * DAY), "hw2": ("100", DAY)}
    assert bank(never, 1, max_days=5) == {"hw1": (0, 0), "hw2": (1, 100)}
    on_time, late = attempt(1, "90"), attempt(2, "90", late=HOUR)
    assert grade(on_time, late, late_days=2).late_days_spent == 0


def test_homeworks_without_a_due_date_come_last() -> None:
    open_end = Case(homework=Homework(id="a"), attempts=[attempt()])
    dated = Case(homework=Homework(id="b", due_at=DUE, policy=TEN), attempts=[attempt(late=DAY)])
    grades = course_grades([open_end, dated], 1)
    assert (grades["b"].late_days_left, grades["a"].late_days_left) == (0, 0)


def test_the_maximum_of_a_missing_one_is_the_newest_verdicts() -> None:
    assert most_points([]) is None
    assert most_points([attempt(1, None)]) is None
    assert most_points([attempt(2), attempt(3, None)]) == 100


def test_a_policy_is_the_same_after_writing_and_reading() -> None:
    policy = Policy(percent_per_day=Decimal("2.5"), max_days=3, file_times=True, attempts="last")
    assert policy_from_dict(policy_to_dict(policy)) == policy


@pytest.mark.parametrize(
    "values",
    [
        {"percent_per_day": "101"},
        {"percent_per_day": "-1"},
        {"percent_per_day": "NaN"},
        {"percent_per_day": "x"},
        {"max_percent": "0.0000001"},
        {"attempts": "first"},
        {"percent_of": "all"},
        {"grace_minutes": -1},
        {"grace_minutes": True},
        {"max_days": 1.5},
        {"places": 7},
        {"colour": "red"},
    ],
    ids=str,
)
def test_a_policy_that_cannot_be_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        policy_from_dict(values)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ([], ""),
        ([("add", "2.5"), ("add", "-1")], "adjusted by +1.5"),
        ([("add", "2.5"), ("set", "75")], "set to 75"),
        ([("set", "92.5")], "set to 92.5"),
        ([("set", "75"), ("add", "-1")], "set to 75, then adjusted by −1"),
    ],
)
def test_adjustments_are_told_in_a_few_words(made: list[tuple[str, str]], words: str) -> None:
    adjustments = [
        Adjustment(id=i, kind=kind, points=Decimal(points), reason="r")
        for i, (kind, points) in enumerate(made)
    ]
    case = Case(homework=Homework(id="hw3"), attempts=[attempt()], adjustments=adjustments)
    assert homework_grade(case).adjusted == words
