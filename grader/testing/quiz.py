"""The check of a student's quiz answers against the key: right or wrong, never the key itself.

The key is looked at only after an answer has the form that the public question asks for, so that
no message about form depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.errors import CourseError
from grader.testing.answers import ANSWERS_NAME, NO_ANSWER, Answers, form_of
from grader.testing.failure import fail
from grader.testing.quiz_files import Key, Question


class Quiz:
    """The `quiz` fixture: public questions, hidden keys, and one student's answers."""

    def __init__(
        self, questions: Mapping[str, Question], key: Mapping[str, Key], answers: Answers
    ) -> None:
        self._questions = questions
        self._key = key
        self.answers = answers

    def check(self, question_id: str) -> None:
        """Raise CheckFailed unless the answer is there, well formed and right.

        Raises CourseError where the question or its key is missing.
        """
        question = self._questions.get(question_id)
        key = self._key.get(question_id)
        if question is None or key is None:
            part = "quiz.toml" if question is None else "quiz_key.toml"
            raise CourseError(f"question {question_id!r} is not in {part}")
        answer = self._well_formed(question)
        if not _is_right(answer, key):
            shown = _shown(answer)
            fail(what=f"Quiz {question_id}", expected="the right answer", got=shown)

    def _well_formed(self, question: Question) -> Any:
        answers, what = self.answers, f"Quiz {question.id}"
        if question.id in answers.given:
            return answers.given[question.id]
        wrong = answers.misread.get(question.id) or answers.no_dict
        if wrong is not None:
            fail(what=what, expected=wrong.expected, got=wrong.got, hint=wrong.wish)
        got = hint = None
        if question.id in answers.unread:
            got, hint = "no answer that can be read", answers.unread[question.id]
        fail(
            what=what,
            expected=form_of(question),
            got=got or NO_ANSWER,
            hint=hint or f'Write {ANSWERS_NAME}["{question.id}"] = ... in your file.',
        )


def _is_right(answer: Any, key: Key) -> bool:
    if isinstance(answer, float) and isinstance(key.answer, (int, float)):
        slack = 1e-12 * max(1.0, abs(key.answer))  # 330.05 is within 0.05 of 330
        return abs(answer - key.answer) <= key.tolerance + slack
    return bool(answer == key.answer)


def _shown(answer: Any) -> str:
    if isinstance(answer, frozenset):
        return ", ".join(sorted(answer)) or "no option chosen"
    return f"{answer:.12g}" if isinstance(answer, float) else str(answer)
