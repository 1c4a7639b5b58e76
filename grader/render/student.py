"""What one student gets back as text: the grade with what it is made of, then the report.

The reasons of extensions and adjustments stay out: instructors write them for the history.
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.gradebook.grades import GradeStatus
from grader.gradebook.model import FILE_TIME
from grader.gradebook.sheet import Line
from grader.gradebook.words import amount, counted, moment
from grader.render.terminal import render_report
from grader.report.model import Report
from grader.report.student import for_student
from grader.text import safe_text

WIDTH = 80


def render_for_student(line: Line, report: Report) -> str:
    """Plain text in UTF-8's characters, lines of at most WIDTH columns, a newline at the end."""
    shown = render_report(for_student(report), color=False, width=WIDTH, encoding="utf-8")
    return "\n".join([*_grade(line), "", shown, ""])


def _grade(line: Line) -> Iterator[str]:
    student, grade = line.student, line.grade
    name = f"{student.name} ({student.id})" if student.name else student.id
    yield safe_text(name, 200)
    of = "" if grade.max_score is None else f" of {amount(grade.max_score)}"
    score = "no grade" if grade.score is None else f"{amount(grade.score)}{of} points"
    yield f"{safe_text(grade.homework, 60)}: {score}"
    yield ""
    attempt = grade.attempt
    at = attempt.submitted_at if attempt is not None else None
    # a file's own time is often that of the download: shown only where lateness rests on it
    says = attempt is not None and attempt.handed.time_from != FILE_TIME
    if at is not None and (says or grade.days_late):
        yield f"  handed in {moment(at)}"
    if grade.status is GradeStatus.UNREADABLE:
        yield "  what was handed in could not be read: see the note below"
    elif grade.raw_score is not None:
        yield f"  {amount(grade.raw_score)}{of} by the tests"
    if grade.days_late:
        if grade.due_at is not None:
            yield f"  due {moment(grade.due_at)}{' (extended for you)' if grade.extended else ''}"
        yield f"  {counted(grade.days_late, 'day')} late"
    if grade.late_days_spent:
        left = counted(grade.late_days_left, "day")
        yield f"  {counted(grade.late_days_spent, 'late day')} of the bank spent, {left} left"
    if grade.penalty:
        yield f"  −{amount(grade.penalty)} for lateness"
    if grade.adjusted:
        yield f"  {grade.adjusted}"
