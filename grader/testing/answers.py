"""A student's quiz answers: of `answers.toml` and `quiz_answers` together, their form checked.

Answers come from a submission and may be anything. No key is known here: whether an answer has the
form that its public question asks for is told to everyone, also where the keys are not.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.submission.model import ANSWERS_FILE
from grader.testing.answers_file import Remark, read_answers_file, shown_remarks
from grader.testing.describe import describe
from grader.testing.quiz_files import Question
from grader.testing.values import read_numbers
from grader.text import safe_text

ANSWERS_NAME = "quiz_answers"
NO_ANSWER = "no answer"
MAX_ANSWER = 200  # characters of a text answer, items of a list, that are looked at
MAX_REMARKS = 12  # on ids of no question
_SHOWN_ID = re.compile(r"[\w.-]{1,20}")
_WORDS = re.compile(r"[\w.-]+")
Answer = str | frozenset[str] | float


@dataclass(frozen=True, kw_only=True)
class Misread:
    """An answer of the wrong form: what is expected, what was found, and what to write."""

    expected: str
    got: str
    wish: str


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What a submission answers, by question.

    `given` are the answers of the right form, `misread` those of another; a question in neither
    has none. `no_dict` is set where `quiz_answers` is not even a dict. `remarks` say what else was
    found wrong, each with its place, and `unread` which of it may have cost a question its answer.
    """

    given: Mapping[str, Answer]
    misread: Mapping[str, Misread]
    no_dict: Misread | None = None
    remarks: tuple[str, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)


def read_answers(
    questions: Mapping[str, Question],
    variable: Any = None,
    file: bytes | None = None,
    source: str = "",
) -> Answers:
    """The answers of the variable `quiz_answers` (None: there is none) and of answers.toml.

    Where both answer a question, the file's answer counts, unless only the variable's has the
    right form. `source` is the submission's own text: an id that is no question's is named only if
    it stands there, since a variable could carry anything.
    """
    table, slips = read_answers_file(file) if file is not None else ({}, [])
    by_id = {name.casefold(): name for name in questions}
    from_file, unknown = _by_question(table, by_id)
    strays = [(ANSWERS_FILE, name) for name in unknown]
    no_dict = None
    from_variable: dict[str, Any] = {}
    if type(variable) is dict:
        from_variable, unknown = _by_question(variable, by_id)
        strays += [(ANSWERS_NAME, name) for name in _written(unknown, source)]
    elif variable is not None:
        no_dict = _no_dict(variable, questions)
    lines = _on_strays(strays, questions)
    given: dict[str, Answer] = {}
    misread: dict[str, Misread] = {}
    remarks = shown_remarks(slips) + lines
    for name, question in questions.items():
        raw = [answers[name] for answers in (from_file, from_variable) if name in answers]
        read = [_NORMALISE[question.kind](value, question) for value in raw]
        good = [answer for answer in read if answer is not None]
        if good:
            given[name] = good[0]
        elif raw:
            misread[name] = _misread(raw[0], question)
        if len(good) == 2 and good[0] != good[1]:
            remarks.append(
                f"{name} is answered in {ANSWERS_FILE} and otherwise in {ANSWERS_NAME}: "
                f"{ANSWERS_FILE} counts"
            )
    return Answers(
        given=given,
        misread=misread,
        no_dict=no_dict,
        remarks=tuple(remarks),
        unread=_unread([*slips, *map(Remark, lines)], by_id),
    )


def form_notes(questions: Mapping[str, Question], answers: Answers) -> tuple[str, ...]:
    """How the answers were read, where no key says whether they are right."""
    read = [name for name in questions if name in answers.given]
    none = [n for n in questions if n not in answers.given and n not in answers.misread]
    parts = [f"{_listed(read)} read"] if read else []
    parts += [answers.misread[name].wish for name in questions if name in answers.misread]
    if answers.no_dict is not None:
        parts.append(answers.no_dict.wish)
    elif none:
        parts.append(f"{_listed(none)} {'has' if len(none) == 1 else 'have'} no answer yet")
    return (f"quiz: {'; '.join(parts)}", *(f"quiz: {remark}" for remark in answers.remarks))


def form_of(question: Question) -> str:
    """What an answer to `question` must look like, in words."""
    letters = ", ".join(f'"{letter}"' for letter in question.options)
    if question.kind == "single":
        return f"one of {letters}"
    if question.kind == "multiple":
        return f"a list of any of {letters}"
    return "a number"


def _by_question(
    answers: Mapping[Any, Any], by_id: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """The answers by the questions' own ids, whatever their case, and ids of no question."""
    found: dict[str, Any] = {}
    unknown: list[str] = []
    for key, value in answers.items():
        if type(key) is not str or value is None:
            continue
        name = by_id.get(key.strip().casefold())
        if name is None:
            unknown.append(key)
        elif key == name or name not in found:
            found[name] = value
    return found, unknown


def _unread(remarks: list[Remark], by_id: Mapping[str, str]) -> dict[str, str]:
    """For each question the remark on its own answer, else the first on no question's."""
    asked = [by_id.get((remark.answer or "").casefold()) for remark in remarks]
    own = {name: one.text for name, one in reversed([*zip(asked, remarks, strict=True)]) if name}
    others = [one.text for name, one in zip(asked, remarks, strict=True) if name is None]
    return dict.fromkeys(by_id.values(), others[0]) | own if others else own


def _written(names: list[str], source: str) -> list[str]:
    """Those of `names` that stand in `source`, which is read once, however many they are."""
    words = set(_WORDS.findall(source)) if names else set()
    return [name for name in names if _SHOWN_ID.fullmatch(name) and name in words]


def _on_strays(strays: list[tuple[str, str]], questions: Mapping[str, Question]) -> list[str]:
    """A line on each of the first answers to no question, as (place, id); of the rest how many."""
    lines = [f"{place}: {_no_question(name, questions)}" for place, name in strays[:MAX_REMARKS]]
    more = len(strays) - len(lines)
    if more > 0:
        lines.append(f"and {more} more id{'s' if more > 1 else ''} of no question")
    return lines


def _no_question(name: str, questions: Mapping[str, Question]) -> str:
    return f"there is no question {safe_text(name, 20)}: the quiz has {_listed(list(questions))}"


def _no_dict(variable: Any, questions: Mapping[str, Question]) -> Misread:
    first = next(iter(questions.values()), None)
    example = "{}" if first is None else f'{{"{first.id}": {_example(first)}}}'
    return Misread(
        expected=f"a dict {ANSWERS_NAME} that maps question ids to answers",
        got=describe(variable),
        wish=f"{ANSWERS_NAME} must be a dict like {example}",
    )


def _misread(raw: Any, question: Question) -> Misread:
    form = form_of(question)
    wish = f"{question.id} must be {form}"
    if question.kind == "numeric":
        wish = f"{question.id} must be a number like 12"
    elif question.kind == "multiple" and type(raw) not in (list, tuple):
        wish = f"{question.id} must be a list like {_meant(raw, question) or _example(question)}"
    return Misread(expected=form, got=describe(raw), wish=wish)


def _meant(raw: Any, question: Question) -> str | None:
    """The list that a text such as "a, d" was to be."""
    if type(raw) is not str or len(raw) > MAX_ANSWER:
        return None
    chosen = [_single(word, question) for word in re.findall(r"\w+", raw)]
    if not chosen or None in chosen:
        return None
    return _list_of(option for option in chosen if option)


def _example(question: Question) -> str:
    letters = list(question.options)
    if question.kind == "multiple":
        return _list_of(letters[:2])
    return f'"{letters[0]}"' if letters else "12"


def _list_of(letters: Iterable[str]) -> str:
    quoted = ", ".join(f'"{letter}"' for letter in letters)
    return f"[{quoted}]"


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


def _listed(names: list[str]) -> str:
    """ "q1", "q1 and q2", "q1, q2 and q3"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
