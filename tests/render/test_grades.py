"""The table of grades fits a terminal without losing a word, and is whole in a file."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from grader.gradebook.grades import Grade, GradeStatus
from grader.gradebook.model import Student
from grader.gradebook.sheet import Line
from grader.render.grades import render_grades
from grader.render.look import cells

REASON = "Looked for hw3.py or hw3.ipynb and found 'essay.pdf'. Name your file hw3.py or hw3.ipynb."


def a_line(student: str, score: int, status: GradeStatus, reason: str = "") -> Line:
    grade = Grade(
        homework="hw3",
        status=status,
        score=Decimal(score),
        max_score=Decimal(100),
        lines=("attempt 1: so much",),
    )
    person = Student(id=student, name="Ana Álvarez", enrolled=student != "zoe")
    return Line(student=person, grade=grade, reason=reason)


LINES = [
    a_line("ana", 90, GradeStatus.GRADED),
    a_line("ben", 0, GradeStatus.UNREADABLE, REASON),
    a_line("zoe", 0, GradeStatus.GRADED, "did not load: SyntaxError, line 301"),
]


@pytest.mark.parametrize("width", [80, 120])
def test_notes_go_on_below_and_nothing_is_cut(width: int) -> None:
    text = render_grades("hw3", LINES, color=False, width=width)
    assert all(cells(line) <= width for line in text.splitlines())
    assert f"unreadable: {REASON.rstrip('.')}" in " ".join(text.split())
    assert "…" not in text


def test_in_a_file_a_student_has_one_line() -> None:
    text = render_grades("hw3", LINES, color=False, width=None)
    assert f"unreadable: {REASON.rstrip('.')}\n" in text
    assert len(text.splitlines()) == 2 + len(LINES) + 2
    explained = render_grades("hw3", LINES, color=False, width=None, explain=True)
    assert f"  note: {REASON}\n" in explained


def test_a_warning_that_many_have_stands_once_below_the_table() -> None:
    warning = "nothing but a file's own time says when it was handed in: counted as on time"
    warned = [replace(one, grade=replace(one.grade, warnings=(warning,))) for one in LINES]
    text = render_grades("hw3", warned, color=False, width=None)
    assert text.count(warning) == 1
    assert f"\n(1) {warning}\n" in text
    assert text.count("(1)") == 1 + len(warned)
    assert warning in render_grades("hw3", warned[:1], color=False, width=None).splitlines()[2]


def test_nobody_is_missing_from_a_roster_that_does_not_exist() -> None:
    with_roster = render_grades("hw3", LINES, color=False, width=None)
    assert with_roster.count("not on the roster") == 2  # in zoe's line and in the summary
    assert "roster" not in render_grades("hw3", LINES, color=False, width=None, roster=False)


def test_the_colour_of_a_row_is_that_of_its_lines() -> None:
    text = render_grades("hw3", LINES, color=True, width=60)
    assert text.count("\x1b[33m") > 1  # ben's, each of them
    assert text.count("\x1b[33m") == text.count("\x1b[0m") - 1  # and the header's
