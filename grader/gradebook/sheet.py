"""The grades of a homework or of the course, put together from the gradebook; reads only."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from grader.gradebook import tables
from grader.gradebook.book import Gradebook
from grader.gradebook.changes import COURSE_POLICY
from grader.gradebook.grades import (
    Adjustment,
    Case,
    Grade,
    Homework,
    course_grades,
    most_points,
)
from grader.gradebook.model import Attempt, AttemptStatus, Student
from grader.gradebook.policy import Policy, changed, policy_from_dict
from grader.gradebook.reasons import why_nothing

_Pair = tuple[str, str]  # homework, student


@dataclass(frozen=True, kw_only=True)
class Line:
    """One student's grade in one homework; `reason` says why an attempt has no points at all."""

    student: Student
    grade: Grade
    reason: str = ""


@dataclass
class _Decisions:
    extensions: dict[_Pair, tuple[datetime, str]] = field(default_factory=dict)
    excuses: dict[_Pair, str] = field(default_factory=dict)
    adjustments: dict[_Pair, list[Adjustment]] = field(default_factory=lambda: defaultdict(list))


def course_policy(book: Gradebook) -> Policy:
    """The policy of every homework, but for what a homework has of its own."""
    query = select(tables.settings.c.value).where(tables.settings.c.name == COURSE_POLICY)
    with book.database.read() as connection:
        value = connection.execute(query).scalar()
    return policy_from_dict(json.loads(value)) if value else Policy()


def own_policy(book: Gradebook, homework: str) -> dict[str, Any]:
    """What a homework's policy has of its own, by name; the rest is the course's."""
    query = select(tables.homeworks.c.policy).where(tables.homeworks.c.id == homework)
    with book.database.read() as connection:
        value = connection.execute(query).scalar()
    return dict(json.loads(value)) if value else {}


def homeworks(book: Gradebook) -> dict[str, Homework]:
    """Every homework that the gradebook knows, with the policy that holds for it."""
    course = course_policy(book)
    with book.database.read() as connection:
        rows = connection.execute(select(tables.homeworks).order_by(tables.homeworks.c.id)).all()
    return {
        row.id: Homework(
            id=row.id,
            due_at=row.due_at,
            policy=changed(course, json.loads(row.policy)) if row.policy else course,
        )
        for row in rows
    }


def grade_sheet(
    book: Gradebook, homework: str, students: Iterable[str] | None = None
) -> tuple[Line, ...]:
    """The grades of `homework`, one line for everyone who is enrolled or handed it in, by id.

    `students` limits it. Who is not enrolled is left out where the same submissions are an enrolled
    student's too: the roster names them now. Other homeworks are read only where the bank of late
    days needs them.
    """
    bank = course_policy(book).late_days
    known = homeworks(book)
    asked = known.get(homework, Homework(id=homework, policy=course_policy(book)))
    needed = {**known, homework: asked} if bank else {homework: asked}
    wanted = None if students is None else set(students)
    attempts: dict[_Pair, list[Attempt]] = defaultdict(list)
    for name in needed:
        of_homework = book.attempts(name)
        needed[name] = replace(needed[name], max_score=most_points(of_homework))
        for attempt in of_homework:
            attempts[name, attempt.student].append(attempt)
    decided = _decisions(book)
    lines = []
    everyone = book.students()
    claimed = {
        _what(attempt)
        for student in everyone
        if student.enrolled
        for attempt in attempts[homework, student.id]
    }
    for student in everyone:
        here = (homework, student.id)
        strange = [one for one in attempts[here] if _what(one) not in claimed]
        if not student.enrolled and not strange and not decided.adjustments[here]:
            continue
        if wanted is None or student.id in wanted:
            cases = [_case(h, student.id, attempts, decided) for h in needed.values()]
            grade = course_grades(cases, bank)[homework]
            lines.append(Line(student=student, grade=grade, reason=_reason(book, grade)))
    return tuple(lines)


def homework_title(book: Gradebook, lines: Iterable[Line]) -> str | None:
    """The homework's title as the latest report of `lines` has it; None where none has one."""
    attempts = [line.grade.attempt for line in lines if line.grade.attempt is not None]
    for attempt in sorted(attempts, key=lambda one: one.graded_at, reverse=True):
        report = book.report(attempt.id)
        if report is not None and report.get("title"):
            return str(report["title"])
    return None


def _reason(book: Gradebook, grade: Grade) -> str:
    """Read from the report, and only where there is a question: reports are large."""
    attempt = grade.attempt
    is_verdict = attempt is not None and attempt.status is not AttemptStatus.ERROR
    if attempt is None or not is_verdict or attempt.score != 0:
        return ""
    report = book.report(attempt.id)
    return why_nothing(report) if report is not None else ""


def _what(attempt: Attempt) -> tuple[str, str]:
    return attempt.handed.source, attempt.key.submission_hash


def _case(
    homework: Homework,
    student: str,
    attempts: dict[_Pair, list[Attempt]],
    decided: _Decisions,
) -> Case:
    here = (homework.id, student)
    extended_to, reason = decided.extensions.get(here, (None, ""))
    return Case(
        homework=homework,
        attempts=tuple(attempts.get(here, ())),
        extended_to=extended_to,
        extension_reason=reason,
        excused=decided.excuses.get(here),
        adjustments=tuple(decided.adjustments.get(here, ())),
    )


def _decisions(book: Gradebook) -> _Decisions:
    found = _Decisions()
    with book.database.read() as connection:
        for row in connection.execute(select(tables.extensions)):
            found.extensions[row.homework, row.student] = (row.due_at, row.reason)
        for row in connection.execute(select(tables.excuses)):
            found.excuses[row.homework, row.student] = row.reason
        for row in connection.execute(select(tables.adjustments)):
            found.adjustments[row.homework, row.student].append(
                Adjustment(id=row.id, kind=row.kind, points=row.points, reason=row.reason)
            )
    return found
