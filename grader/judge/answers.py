"""The quiz answers of one submission, for tests that have a key and for checkouts without one.

They are read once, in a worker that has not served a test, and kept: code that answers otherwise
the next time it is loaded has one guess for each question.
"""

from __future__ import annotations

import contextlib
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.course.manifest import Assignment
from grader.errors import CourseError
from grader.judge.outcomes import (
    LoadFault,
    MisusedValue,
    StudentFault,
    WorkerCrashed,
    WorkerTimeout,
)
from grader.submission.model import ANSWERS_FILE, Submission
from grader.testing import (
    Answers,
    Key,
    Question,
    Quiz,
    form_notes,
    load_key,
    load_questions,
    read_answers,
)
from grader.testing.answers import ANSWERS_NAME

if TYPE_CHECKING:
    from grader.judge.session import Sessions

OF_THE_STUDENT = (StudentFault, WorkerTimeout, WorkerCrashed, MisusedValue)


class AnswersOnce:
    """What one submission answers, or why it could not be asked, the same each time.

    Read before the first test, they cost no worker of their own in a session that reuses its.
    """

    def __init__(self, submission: Submission, session: Sessions) -> None:
        self._submission = submission
        self._session = session
        self._found: Answers | Exception | None = None

    def get(self, questions: dict[str, Question]) -> Answers:
        """The answers of the file and of the submission's module.

        Raises what the module's loading or its answers raised: StudentFault, WorkerTimeout and the
        like.
        """
        if self._found is None:
            try:
                self._found = self._read(questions)
            except OF_THE_STUDENT as err:
                self._found = err
        if isinstance(self._found, Exception):
            raise self._found
        return self._found

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was found wrong with where the answers stand, if they were read."""
        return self._found.remarks if isinstance(self._found, Answers) else ()

    def _read(self, questions: dict[str, Question]) -> Answers:
        self._session.discard()  # whatever has run in it: the form of the answers is shown
        try:
            student = self._session.begin()
            variable = getattr(student, ANSWERS_NAME) if student.has(ANSWERS_NAME) else None
            return answers_of(questions, self._submission, variable)
        finally:
            self._session.end()


def quiz_of(assignment: Assignment, answers: AnswersOnce) -> Quiz:
    """The `quiz` fixture; CourseError where the homework has no questions or no key."""
    if assignment.quiz_file is None or assignment.key_file is None:
        raise CourseError(f"{assignment.id} has no quiz.toml or no quiz_key.toml.")
    questions, key = _with_key(assignment.quiz_file, assignment.key_file)
    return Quiz(questions, key, answers.get(questions))


def read_ahead(assignment: Assignment, answers: AnswersOnce) -> None:
    """Have the answers read now; what is wrong with them, or with the quiz, its tests tell."""
    with contextlib.suppress(CourseError, *OF_THE_STUDENT):
        quiz_of(assignment, answers)


def answers_of(questions: dict[str, Question], submission: Submission, variable: Any) -> Answers:
    """The answers of the submission's file, and of its variable, None where there is none."""
    file = submission.files.get(ANSWERS_FILE)
    return read_answers(questions, variable, file, submission.source)


def notes_without_key(
    assignment: Assignment, submission: Submission, session: Sessions
) -> tuple[str, ...]:
    """How the answers were read, in a session that has no test of them to run."""
    if assignment.quiz_file is None:
        return ()
    questions = load_questions(assignment.quiz_file)
    failure = session.load_failure
    if failure is None:
        try:
            return form_notes(questions, AnswersOnce(submission, session).get(questions))
        except OF_THE_STUDENT as err:
            failure = err
    unread = f"quiz: {ANSWERS_NAME} could not be read: {_why(failure)}"
    if ANSWERS_FILE not in submission.files:
        return (unread,)
    return (*form_notes(questions, answers_of(questions, submission, None)), unread)


def _why(failure: Exception) -> str:
    if isinstance(failure, LoadFault):
        return "the file could not be loaded"
    if isinstance(failure, WorkerTimeout):
        return "your code was stopped"
    return (
        "your code raised an exception" if isinstance(failure, StudentFault) else "its process died"
    )


@functools.cache
def _with_key(quiz: Path, key: Path) -> tuple[dict[str, Question], dict[str, Key]]:
    """Read once, however many submissions are judged."""
    questions = load_questions(quiz)
    return questions, load_key(key, questions)
