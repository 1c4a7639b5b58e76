"""Quiz answers: their forms, right or wrong, and mistakes in the files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.errors import CourseError
from grader.testing import CheckFailed, Quiz, load_key, load_questions

QUESTIONS = """
[[question]]
id = "q1"
kind = "single"
text = "What does NAND give?"
options = {a = "1, 1, 1, 0", b = "0, 0, 0, 1", c = "1, 0, 0, 0"}

[[question]]
id = "q2"
kind = "multiple"
text = "Which are stable?"
options = {a = "x", b = "y", c = "z"}

[[question]]
id = "q3"
kind = "numeric"
text = "How many parameters?"
"""
KEY = """
[q1]
answer = "b"
[q2]
answer = ["a", "c"]
explanation = "for instructors"
[q3]
answer = 330
tolerance = 0.05
"""


def read(tmp_path: Path, questions: str = QUESTIONS, key: str = KEY) -> tuple[Any, Any]:
    (tmp_path / "quiz.toml").write_text(questions)
    (tmp_path / "quiz_key.toml").write_text(key)
    loaded = load_questions(tmp_path / "quiz.toml")
    return loaded, load_key(tmp_path / "quiz_key.toml", loaded)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("q1", "b"),
        ("q1", " B\n"),
        ("q2", ["a", "c"]),
        ("q2", ("C", "a ", "a")),
        ("q3", 330),
        ("q3", 330.05),
        ("q3", " 330 "),
        ("q3", "3.3e2"),
        ("q3", np.int64(330)),
    ],
)
def test_right_answers_pass(tmp_path: Path, question: str, answer: Any) -> None:
    Quiz(*read(tmp_path), {question: answer}).check(question)


@pytest.mark.parametrize(
    ("question", "answer", "shown"),
    [
        ("q1", "a", "a"),
        ("q2", ["a"], "a"),
        ("q2", ["a", "b", "c"], "a, b, c"),
        ("q2", [], "no option chosen"),
        ("q3", 331, "331"),
        ("q3", "-330", "-330"),
    ],
)
def test_wrong_answers_fail_without_the_key(
    tmp_path: Path, question: str, answer: Any, shown: str
) -> None:
    with pytest.raises(CheckFailed) as caught:
        Quiz(*read(tmp_path), {question: answer}).check(question)
    failure = caught.value.failure
    assert (failure.expected, failure.got) == ("the right answer", shown)
    assert failure.mistake is failure.hint is None


@pytest.mark.parametrize(
    ("question", "answer", "form"),
    [
        ("q1", "d", 'one of "a", "b", "c"'),
        ("q1", ["b"], 'one of "a", "b", "c"'),
        ("q1", 2, 'one of "a", "b", "c"'),
        ("q1", None, 'one of "a", "b", "c"'),
        ("q1", "b" * 10**6, 'one of "a", "b", "c"'),
        ("q2", "a, c", 'a list of any of "a", "b", "c"'),
        ("q2", ["a", "d"], 'a list of any of "a", "b", "c"'),
        ("q2", ["a", 3], 'a list of any of "a", "b", "c"'),
        ("q3", True, "a number"),
        ("q3", "many", "a number"),
        ("q3", float("nan"), "a number"),
        ("q3", "inf", "a number"),
        ("q3", [330], "a number"),
        ("q3", "9" * 10**6, "a number"),
        ("q3", 10**400, "a number"),
    ],
)
def test_malformed_answers_are_told_the_form(
    tmp_path: Path, question: str, answer: Any, form: str
) -> None:
    with pytest.raises(CheckFailed) as caught:
        Quiz(*read(tmp_path), {question: answer}).check(question)
    assert caught.value.failure.expected == form
    assert len(str(caught.value)) < 300


def test_no_answers_at_all(tmp_path: Path) -> None:
    files = read(tmp_path)
    with pytest.raises(CheckFailed, match="no answer"):
        Quiz(*files, {}).check("q1")
    for answers in (None, [], "b", 3):
        with pytest.raises(CheckFailed, match="a dict quiz_answers"):
            Quiz(*files, answers).check("q1")
    with pytest.raises(CourseError, match=r"quiz\.toml"):
        Quiz(*files, {}).check("q9")


@pytest.mark.parametrize(
    ("questions", "key", "message"),
    [
        ("[[question", KEY, "not valid TOML"),
        ("question = 3", KEY, r"\[\[question\]\]"),
        ("question = [3]", KEY, r"\[\[question\]\]"),
        (QUESTIONS.replace('"q2"', '"q1"'), KEY, "twice"),
        (QUESTIONS.replace('"single"', '"one"'), KEY, "kind must be one of"),
        (QUESTIONS.replace("text =", "txt ="), KEY, "unknown key 'txt'"),
        (QUESTIONS.replace('"q3"', "3"), KEY, "id must be a string"),
        (QUESTIONS.replace(', b = "y", c = "z"', ""), KEY, "two options"),
        (QUESTIONS.replace('b = "y"', 'A = "y"'), KEY, "differ in case"),
        (QUESTIONS.replace('{a = "x", b = "y", c = "z"}', "3"), KEY, "options are"),
        (QUESTIONS + 'options = {a = "1", b = "2"}', KEY, "no options"),
        (QUESTIONS, KEY.replace("[q3]", "[q4]"), "'q3' has no key"),
        (QUESTIONS, KEY + "[q9]\nanswer = 1", "'q9' has no question"),
        (QUESTIONS, KEY.replace('answer = "b"', 'answer = "d"'), "does not fit"),
        (QUESTIONS, KEY.replace('["a", "c"]', '"a"'), "does not fit"),
        (QUESTIONS, KEY.replace("330", '"330"'), "does not fit"),
        (QUESTIONS, KEY.replace("330", "true"), "an answer is"),
        (QUESTIONS, KEY.replace("330", "nan"), "finite"),
        (QUESTIONS, KEY.replace("0.05", "-1"), "tolerance"),
        (QUESTIONS, KEY.replace("tolerance", "tol"), "unknown entry 'tol'"),
        (QUESTIONS, "q1 = 3", "a table with an answer"),
    ],
)
def test_mistakes_in_the_files_are_named(
    tmp_path: Path, questions: str, key: str, message: str
) -> None:
    with pytest.raises(CourseError, match=message):
        read(tmp_path, questions, key)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="cannot be read"):
        load_questions(tmp_path / "quiz.toml")
