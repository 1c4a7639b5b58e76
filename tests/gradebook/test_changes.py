"""Decisions: kept with their reason, shown, undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from grader.errors import UsageError
from grader.gradebook import changes
from grader.gradebook.book import Gradebook
from grader.gradebook.grades import Grade, GradeStatus
from grader.gradebook.model import Student
from grader.gradebook.policy import Policy
from grader.gradebook.sheet import course_policy, grade_sheet, homeworks

from .conftest import NOON, make_result

ANA = Student(id="ana", name="Ana Álvarez", email="ana@uni.example", section="A", github="ana-a")
BEN = Student(id="ben", name="Ben Brook", section="B")


@pytest.fixture
def classroom(book: Gradebook) -> Gradebook:
    """Ana handed in 92.5 of 100 a day and a bit late; Ben nothing."""
    changes.import_students(book, [ANA, BEN])
    changes.set_due(book, "hw3", NOON - timedelta(hours=26))
    changes.set_policy(book, None, {"percent_per_day": "10"})
    book.record(make_result("ana", 92.5))
    return book


def grade(book: Gradebook, student: str = "ana") -> Grade:
    (line,) = grade_sheet(book, "hw3", [student])
    return line.grade


def test_a_sheet_lists_everyone_enrolled_and_everyone_who_handed_in(classroom: Gradebook) -> None:
    classroom.record(make_result("nobody-knows", source="submissions/nobody-knows"))
    sheet = grade_sheet(classroom, "hw3")
    assert [line.student.id for line in sheet] == ["ana", "ben", "nobody-knows"]
    assert [line.student.enrolled for line in sheet] == [True, True, False]
    assert sheet[1].grade.status is GradeStatus.MISSING
    assert sheet[1].grade.max_score == 100


def test_who_the_roster_names_now_is_no_stranger_any_more(classroom: Gradebook) -> None:
    classroom.record(make_result("ben-b", source="submissions/ben"))
    assert [line.student.id for line in grade_sheet(classroom, "hw3")] == ["ana", "ben", "ben-b"]
    classroom.record(make_result("ben", source="submissions/ben"))
    assert [line.student.id for line in grade_sheet(classroom, "hw3")] == ["ana", "ben"]


def test_every_decision_changes_the_grade_and_undo_takes_it_back(classroom: Gradebook) -> None:
    assert grade(classroom).score == Decimal("74")
    seen = [grade(classroom).score]
    decisions = [
        lambda: changes.extend(classroom, "hw3", "ana", NOON - timedelta(hours=3), "ill"),
        lambda: changes.extend(classroom, "hw3", "ana", NOON, "still ill"),
        lambda: changes.adjust(classroom, "hw3", "ana", "add", Decimal("-2.5"), "style"),
        lambda: changes.adjust(classroom, "hw3", "ana", "set", Decimal(60), "agreed"),
        lambda: changes.excuse(classroom, "hw3", "ana", "conference"),
    ]
    for decide in decisions:
        decide()
        seen.append(grade(classroom).score)
    assert seen == [Decimal("74"), Decimal("83.25"), Decimal("92.5"), 90, 60, None]
    for before in reversed(seen[:-1]):
        changes.undo(classroom)
        assert grade(classroom).score == before


def test_extensions_and_excuses_are_removed(classroom: Gradebook) -> None:
    changes.extend(classroom, "hw3", "ana", NOON, "ill")
    changes.excuse(classroom, "hw3", "ana", "ill")
    changes.remove_extension(classroom, "hw3", "ana", "by mistake")
    changes.remove_excuse(classroom, "hw3", "ana", "by mistake")
    assert grade(classroom).score == Decimal("74")
    with pytest.raises(UsageError, match="nothing to remove"):
        changes.remove_excuse(classroom, "hw3", "ana", "again")


def policy_of(book: Gradebook) -> Policy:
    return homeworks(book)["hw3"].policy


def test_a_homework_has_what_is_named_for_it_and_the_rest_from_the_course(
    classroom: Gradebook,
) -> None:
    changes.set_policy(classroom, "hw3", {"attempts": "last"})
    changes.set_policy(classroom, "hw3", {"max_days": 3})
    usual = course_policy(classroom)
    assert policy_of(classroom) == replace(usual, attempts="last", max_days=3)
    changes.drop_policy(classroom, "hw3")
    assert policy_of(classroom) == usual
    changes.undo(classroom)
    assert policy_of(classroom) == replace(usual, attempts="last", max_days=3)


def test_what_the_course_changes_later_holds_for_a_homework_with_values_of_its_own(
    classroom: Gradebook,
) -> None:
    changes.set_policy(classroom, "hw3", {"max_days": 3})
    changes.set_policy(classroom, None, {"percent_per_day": "25", "max_days": 1})
    assert policy_of(classroom).percent_per_day == 25
    assert policy_of(classroom).max_days == 3
    assert grade(classroom).score == Decimal("46.25")  # two days late, half of 92.5


def test_the_history_tells_what_is_a_homeworks_own(classroom: Gradebook) -> None:
    changes.set_policy(classroom, "hw3", {"max_days": None, "file_times": True})
    assert changes.history(classroom)[-1].what == "policy: max-days none, file-times yes"
    assert changes.history(classroom)[-2].what == "course policy: percent-per-day 10"


def test_the_bank_belongs_to_the_course(classroom: Gradebook) -> None:
    with pytest.raises(UsageError, match="belongs to the course"):
        changes.set_policy(classroom, "hw3", {"late_days": 2})
    changes.set_policy(classroom, None, {"late_days": 3})
    changes.set_due(classroom, "hw1", NOON - timedelta(days=20))
    late = NOON - timedelta(days=18, hours=1)
    classroom.record(make_result("ana", 80, homework="hw1", at=late))
    assert (grade(classroom).late_days_spent, grade(classroom).score) == (1, Decimal("83.25"))


def test_the_history_tells_what_who_when_and_why(classroom: Gradebook) -> None:
    changes.adjust(classroom, "hw3", "ana", "add", Decimal("2.5"), "a question was wrong")
    change = changes.history(classroom, "hw3", "ana")[-1]
    assert (change.what, change.reason) == ("adjusted by +2.5", "a question was wrong")
    assert change.undone_at is None
    undone = changes.undo(classroom)
    assert undone.id == change.id
    assert changes.history(classroom, "hw3", "ana")[-1] == undone
    assert undone.undone_at is not None


def test_a_change_that_a_later_one_rests_on_is_not_undone(classroom: Gradebook) -> None:
    first = changes.excuse(classroom, "hw3", "ana", "one")
    second = changes.excuse(classroom, "hw3", "ana", "two")
    with pytest.raises(UsageError, match="a later change rests on it"):
        changes.undo(classroom, first)
    changes.undo(classroom, second)
    changes.undo(classroom, first)
    with pytest.raises(UsageError, match="no change"):
        changes.undo(classroom, first)


def test_nothing_to_undo_is_said_so(book: Gradebook) -> None:
    with pytest.raises(UsageError, match="nothing to undo"):
        changes.undo(book)


def test_a_roster_read_again_keeps_those_who_left(classroom: Gradebook) -> None:
    changes.import_students(classroom, [ANA])
    assert [s.enrolled for s in classroom.students()] == [True, False]
    assert [line.student.id for line in grade_sheet(classroom, "hw3")] == ["ana"]
    changes.undo(classroom)
    assert [s.enrolled for s in classroom.students()] == [True, True]


def test_undoing_a_roster_keeps_the_attempts(book: Gradebook) -> None:
    changes.import_students(book, [ANA])
    book.record(make_result("ana"))
    changes.undo(book)
    assert book.students() == (Student(id="ana"),)
    assert len(book.attempts("hw3")) == 1


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_decision_about_a_student_needs_a_reason(classroom: Gradebook, reason: str) -> None:
    with pytest.raises(UsageError, match="reason"):
        changes.excuse(classroom, "hw3", "ana", reason)
    with pytest.raises(UsageError, match="reason"):
        changes.adjust(classroom, "hw3", "ana", "add", Decimal(1), reason)


def test_a_student_nobody_knows_is_refused(classroom: Gradebook) -> None:
    with pytest.raises(UsageError, match="no student 'anna'"):
        changes.excuse(classroom, "hw3", "anna", "typo")


@pytest.mark.parametrize(
    ("kind", "points"),
    [("set", "-1"), ("add", "NaN"), ("add", "1e9"), ("add", "0.0000001"), ("times", "1")],
)
def test_an_adjustment_that_cannot_be_is_refused(
    classroom: Gradebook, kind: str, points: str
) -> None:
    with pytest.raises(UsageError):
        changes.adjust(classroom, "hw3", "ana", kind, Decimal(points), "a reason")


@pytest.mark.parametrize("student", ["", " ana", "a\x1b[2Jb", "x" * 201])
def test_an_id_that_would_hide_something_is_refused(book: Gradebook, student: str) -> None:
    with pytest.raises(UsageError, match="cannot be a student's id"):
        changes.import_students(book, [Student(id=student)])
