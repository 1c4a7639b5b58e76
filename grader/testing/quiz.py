"""Quiz questions, their keys, and the check of a student's answer: right or wrong, never the key.

Answers come from a submission and may be anything. The key is looked at only after an answer has
the form that the public question asks for, so that no message about form depends on it.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import CourseError
from grader.testing.describe import describe
from grader.testing.failure import fail
from grader.testing.values import read_numbers

KINDS = ("single", "multiple", "numeric")
MAX_ANSWER = 200  # characters of a text answer that are looked at


@dataclass(frozen=True, kw_only=True)
class Question:
    """One public question; `options` maps a letter to its text, empty for a numeric one."""

    id: str
    kind: str
    text: str
    options: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Key:
    """The right answer: one option, several, or a number with an absolute tolerance."""

    answer: str | frozenset[str] | float
    tolerance: float = 0.0
    explanation: str = ""


class Quiz:
    """The `quiz` fixture: public questions, hidden keys, and one student's answers."""

    def __init__(
        self, questions: Mapping[str, Question], key: Mapping[str, Key], answers: Any
    ) -> None:
        self._questions = questions
        self._key = key
        self._answers = answers

    def check(self, question_id: str) -> None:
        """Raise CheckFailed unless the answer is there, well formed and right.

        Raises CourseError where the question or its key is missing.
        """
        question = self._questions.get(question_id)
        key = self._key.get(question_id)
        if question is None or key is None:
            part = "quiz.toml" if question is None else "quiz_key.toml"
            raise CourseError(f"question {question_id!r} is not in {part}")
        answer = self._normalised(question)
        if not _is_right(answer, key):
            shown = _shown(answer)
            fail(what=f"Quiz {question_id}", expected="the right answer", got=shown)

    def _normalised(self, question: Question) -> Any:
        what = f"Quiz {question.id}"
        if type(self._answers) is not dict:
            form = "a dict quiz_answers that maps question ids to answers"
            fail(what=what, expected=form, got=describe(self._answers))
        plain = {k: v for k, v in self._answers.items() if type(k) is str}
        form = _form(question)
        if question.id not in plain or plain[question.id] is None:
            hint = f'Write quiz_answers["{question.id}"] = ... in your file.'
            fail(what=what, expected=form, got="no answer", hint=hint)
        raw = plain[question.id]
        answer = _NORMALISE[question.kind](raw, question)
        if answer is None:
            fail(what=what, expected=form, got=describe(raw))
        return answer


def _form(question: Question) -> str:
    letters = ", ".join(f'"{letter}"' for letter in question.options)
    if question.kind == "single":
        return f"one of {letters}"
    if question.kind == "multiple":
        return f"a list of any of {letters}"
    return "a number"


def _single(raw: Any, question: Question) -> str | None:
    if type(raw) is not str or len(raw) > MAX_ANSWER:
        return None
    options = {option.strip().casefold(): option for option in question.options}
    return options.get(raw.strip().casefold())


def _multiple(raw: Any, question: Question) -> frozenset[str] | None:
    if type(raw) not in (list, tuple) or len(raw) > MAX_ANSWER:
        return None
    chosen = [_single(item, question) for item in raw]
    return None if None in chosen else frozenset(option for option in chosen if option)


def _numeric(raw: Any, question: Question) -> float | None:
    if type(raw) is str:
        return _parse_number(raw)
    numbers = read_numbers(raw)
    if numbers is None or numbers.shape or numbers.kind not in "if":
        return None
    value = float(numbers.array)
    return value if math.isfinite(value) else None


def _parse_number(text: str) -> float | None:
    if len(text) > MAX_ANSWER:
        return None
    try:
        value = float(text.strip())
    except ValueError:
        return None
    return value if math.isfinite(value) else None


_NORMALISE = {"single": _single, "multiple": _multiple, "numeric": _numeric}


def _is_right(answer: Any, key: Key) -> bool:
    if isinstance(answer, float) and isinstance(key.answer, (int, float)):
        slack = 1e-12 * max(1.0, abs(key.answer))  # 330.05 is within 0.05 of 330
        return abs(answer - key.answer) <= key.tolerance + slack
    return bool(answer == key.answer)


def _shown(answer: Any) -> str:
    if isinstance(answer, frozenset):
        return ", ".join(sorted(answer)) or "no option chosen"
    return f"{answer:.12g}" if isinstance(answer, float) else str(answer)


def load_questions(path: Path) -> dict[str, Question]:
    """The questions of a quiz.toml by id. Raises CourseError naming what is wrong in the file."""
    entries = _read(path).get("question", [])
    if not isinstance(entries, list):
        raise CourseError(f"{path}: questions are written as [[question]]")
    questions: dict[str, Question] = {}
    for number, entry in enumerate(entries, start=1):
        question = _question(path, number, entry)
        if question.id in questions:
            raise CourseError(f"{path}: question {question.id!r} is there twice")
        questions[question.id] = question
    return questions


def _question(path: Path, number: int, entry: Any) -> Question:
    if not isinstance(entry, dict):
        raise CourseError(f"{path}: questions are written as [[question]]")
    where = f"{path}: question {number}"
    unknown = sorted(set(entry) - {"id", "kind", "text", "options"})
    if unknown:
        raise CourseError(f"{where}: unknown key {unknown[0]!r}")
    for field in ("id", "kind", "text"):
        if not isinstance(entry.get(field), str) or not entry[field]:
            raise CourseError(f"{where}: {field} must be a string")
    if entry["kind"] not in KINDS:
        raise CourseError(f"{where}: kind must be one of {', '.join(KINDS)}")
    options = entry.get("options", {})
    if not isinstance(options, dict) or not all(isinstance(v, str) for v in options.values()):
        raise CourseError(f'{where}: options are written as {{a = "...", b = "..."}}')
    if entry["kind"] == "numeric" and options:
        raise CourseError(f"{where}: a numeric question has no options")
    letters = {option.strip().casefold() for option in options}
    if len(letters) != len(options):
        raise CourseError(f"{where}: two options differ in case or spaces only")
    if entry["kind"] != "numeric" and len(letters) < 2:
        raise CourseError(f"{where}: a question of choice needs at least two options")
    return Question(id=entry["id"], kind=entry["kind"], text=entry["text"], options=options)


def load_key(path: Path, questions: Mapping[str, Question] | None = None) -> dict[str, Key]:
    """The keys of a quiz_key.toml by question id; with `questions`, checked against them.

    Raises CourseError.
    """
    keys = {name: _key(path, name, entry) for name, entry in _read(path).items()}
    if questions is not None:
        for name in sorted(questions.keys() ^ keys.keys()):
            other = "key" if name in questions else "question"
            raise CourseError(f"{path}: {name!r} has no {other}")
        for name, question in questions.items():
            _match(path, question, keys[name])
    return keys


def _key(path: Path, name: str, entry: Any) -> Key:
    where = f"{path}: {name}"
    if not isinstance(entry, dict) or "answer" not in entry:
        raise CourseError(f"{where}: a key is a table with an answer")
    unknown = sorted(set(entry) - {"answer", "tolerance", "explanation"})
    if unknown:
        raise CourseError(f"{where}: unknown entry {unknown[0]!r}")
    answer, tolerance = entry["answer"], entry.get("tolerance", 0.0)
    if isinstance(answer, list) and all(isinstance(item, str) for item in answer):
        answer = frozenset(answer)
    elif isinstance(answer, bool) or not isinstance(answer, (str, int, float)):
        raise CourseError(f"{where}: an answer is an option, a list of options or a number")
    if isinstance(answer, float) and not math.isfinite(answer):
        raise CourseError(f"{where}: a number as answer must be finite")
    if isinstance(tolerance, bool) or not isinstance(tolerance, (int, float)) or tolerance < 0:
        raise CourseError(f"{where}: tolerance must be a number, at least 0")
    explanation = str(entry.get("explanation", ""))
    return Key(answer=answer, tolerance=float(tolerance), explanation=explanation)


def _match(path: Path, question: Question, key: Key) -> None:
    """The key's answer is of its question's kind and among the options."""
    fits = {
        "single": isinstance(key.answer, str) and key.answer in question.options,
        "multiple": isinstance(key.answer, frozenset) and key.answer <= question.options.keys(),
        "numeric": isinstance(key.answer, (int, float)),
    }
    if not fits[question.kind]:
        raise CourseError(f"{path}: the answer of {question.id!r} does not fit its question")


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise CourseError(f"{path} cannot be read: {err.strerror}") from err
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise CourseError(f"{path} is not valid TOML: {err}") from err
