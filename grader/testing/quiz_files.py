"""Quiz questions and their keys, read from `quiz.toml` and `quiz_key.toml` and checked."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import CourseError

KINDS = ("single", "multiple", "numeric")


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
