"""The quiz answers of one submission, for tests that have a key and for checkouts without one."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.course.manifest import Assignment
from grader.errors import CourseError
from grader.judge.outcomes import MisusedValue, StudentFault, WorkerCrashed, WorkerTimeout
from grader.judge.proxy import Student
from grader.submission.model import ANSWERS_FILE, Submission
from grader.testing import Answers, Key, Question, Quiz, form_notes, load_key, load_questions
from grader.testing import read_answers as read
from grader.testing.answers import ANSWERS_NAME

if TYPE_CHECKING:
    from grader.judge.session import Sessions


def quiz_of(assignment: Assignment, submission: Submission, student: Student) -> Quiz:
    """The `quiz` fixture; CourseError where the homework has no questions or no key."""
    if assignment.quiz_file is None or assignment.key_file is None:
        raise CourseError(f"{assignment.id} has no quiz.toml or no quiz_key.toml.")
    questions, key = _with_key(assignment.quiz_file, assignment.key_file)
    return Quiz(questions, key, answers_of(questions, submission, student))


def answers_of(
    questions: dict[str, Question], submission: Submission, student: Student | None
) -> Answers:
    """The answers of the file and of the student's module, which is None where it did not load."""
    variable: Any = None
    if student is not None and student.has(ANSWERS_NAME):
        variable = getattr(student, ANSWERS_NAME)
    file = submission.files.get(ANSWERS_FILE)
    return read(questions, variable, file, submission.source)


def notes_without_key(
    assignment: Assignment, submission: Submission, session: Sessions
) -> tuple[str, ...]:
    """How the answers were read, in a session that has no test of them to run."""
    if assignment.quiz_file is None:
        return ()
    questions = _questions(assignment.quiz_file)
    if session.load_failure is not None:
        return form_notes(questions, answers_of(questions, submission, None))
    try:
        return form_notes(questions, answers_of(questions, submission, session.begin()))
    except (StudentFault, WorkerTimeout, WorkerCrashed, MisusedValue) as err:
        return (f"quiz: {ANSWERS_NAME} could not be read ({type(err).__name__})",)
    finally:
        session.end()


@functools.cache
def _questions(quiz: Path) -> dict[str, Question]:
    return load_questions(quiz)


@functools.cache
def _with_key(quiz: Path, key: Path) -> tuple[dict[str, Question], dict[str, Key]]:
    """Read once, however many submissions are judged."""
    questions = load_questions(quiz)
    return questions, load_key(key, questions)
