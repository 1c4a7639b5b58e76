"""Quiz answers: their forms, right or wrong, and mistakes in the files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.errors import CourseError
from grader.testing import (
    CheckFailed,
    Question,
    Quiz,
    form_notes,
    load_key,
    load_questions,
    read_answers,
)
from grader.testing.answers import MAX_REMARKS

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


def quiz(tmp_path: Path, variable: Any = None, file: bytes | None = None) -> Quiz:
    questions, key = read(tmp_path)
    return Quiz(questions, key, read_answers(questions, variable, file))


@pytest.fixture
def questions(tmp_path: Path) -> dict[str, Question]:
    loaded: dict[str, Question] = read(tmp_path)[0]
    return loaded


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
    quiz(tmp_path, {question: answer}).check(question)


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
        quiz(tmp_path, {question: answer}).check(question)
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
        quiz(tmp_path, {question: answer}).check(question)
    assert caught.value.failure.expected == form
    assert len(str(caught.value)) < 300


def test_no_answers_at_all(tmp_path: Path) -> None:
    for answers in ({}, None, {"q1": None}):
        with pytest.raises(CheckFailed, match="no answer"):
            quiz(tmp_path, answers).check("q1")
    for answers in ([], "b", 3):
        with pytest.raises(CheckFailed, match="a dict quiz_answers"):
            quiz(tmp_path, answers).check("q1")
    with pytest.raises(CourseError, match=r"quiz\.toml"):
        quiz(tmp_path, {}).check("q9")


def test_a_slip_in_the_file_costs_its_line_only(tmp_path: Path) -> None:
    slipped = quiz(tmp_path, None, b'q1 = "b"\nq2 = c\nq3 = 330\n')
    slipped.check("q1")
    slipped.check("q3")
    with pytest.raises(CheckFailed) as caught:
        slipped.check("q2")
    failure = caught.value.failure
    assert failure.got == "no answer that can be read"
    assert failure.hint == "answers.toml, line 2: put quotes round c"
    unanswered = quiz(tmp_path, None, b'q1 = "b"\nQ2 = c\n')
    for question, got in (("q2", "no answer that can be read"), ("q3", "no answer")):
        with pytest.raises(CheckFailed) as caught:
            unanswered.check(question)
        assert caught.value.failure.got == got, question
    for unknown in (b"answers\n", b'q7 = "b"\n', b"q1 = \xff\n"):
        with pytest.raises(CheckFailed, match="no answer that can be read"):
            quiz(tmp_path, None, unknown).check("q3")


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("q2 = c", "put quotes round c"),
        ("q2 = [a, c]", "put quotes round a and c"),
        ('q1: "b"', "write = instead of the colon after q1"),
        ("q1 =", "nothing stands after q1 ="),
        ('q1 = "b",', "leave the comma at the end away"),
        ("q1 = \u201cb\u201d", 'use straight quotes, "'),
        ("my answers", 'write lines like q1 = "b", q2 = 12 or q3 = ["a", "c"]'),
        ('q1 = "\x1b[2J', 'write lines like q1 = "b", q2 = 12 or q3 = ["a", "c"]'),
        ("q3 = 1\nq3 = 2", "line 3: q3 is there twice"),
        ("q" * 9000, "answers.toml has more than 8000 bytes and was not read"),
    ],
)
def test_what_to_mend_in_the_file_is_said(
    questions: dict[str, Question], line: str, remedy: str
) -> None:
    answers = read_answers(questions, None, f"# mine\n{line}\n".encode())
    (remark,) = answers.remarks
    assert remark.startswith("answers.toml")
    assert remark.endswith(remedy)
    assert remark.isprintable()


def test_a_file_of_another_encoding_is_named(questions: dict[str, Question]) -> None:
    assert read_answers(questions, None, b'\xef\xbb\xbfq1 = "b"').given == {"q1": "b"}
    answers = read_answers(questions, {"q1": "b"}, 'q1 = "a"'.encode("utf-16"))
    assert answers.given == {"q1": "b"}
    assert "save it as UTF-8" in answers.remarks[0]


def test_the_file_and_the_variable_are_joined(questions: dict[str, Question]) -> None:
    answers = read_answers(questions, {"q1": "a", "q2": ["a"], "q3": 3}, b'q1 = "b"\nq2 = "a, c"')
    assert answers.given == {"q1": "b", "q2": frozenset("a"), "q3": 3.0}
    assert answers.misread == {}
    assert answers.remarks == (
        "q1 is answered in answers.toml and otherwise in quiz_answers: answers.toml counts",
    )
    table = b'[quiz_answers]\nq1 = "b"\n'
    assert read_answers(questions, {"q1": "b"}, table).given == {"q1": "b"}
    assert read_answers(questions, {"q1": "b"}, table).remarks == ()


def test_an_id_may_be_written_in_another_case(questions: dict[str, Question]) -> None:
    answers = read_answers(questions, {"Q1": "b", " q3 ": 5, "q1": "c"})
    assert answers.given == {"q1": "c", "q3": 5.0}


def test_ids_of_no_question_are_named_where_they_stand_in_the_source(
    questions: dict[str, Question],
) -> None:
    variable = {"q9": "a", "x0.7311": 1, 7: "b"}
    found = read_answers(questions, variable, b'q4 = "b"', 'quiz_answers["q9"] = "a"')
    assert found.remarks == (
        "answers.toml: there is no question q4: the quiz has q1, q2 and q3",
        "quiz_answers: there is no question q9: the quiz has q1, q2 and q3",
    )


@pytest.mark.parametrize(
    ("variable", "note"),
    [
        ({"q1": "b", "q2": ["a"], "q3": 4}, "quiz: q1, q2 and q3 read"),
        ({"q1": "b", "q2": "a, d"}, 'q1 read; q2 must be a list like ["a", "b"]; q3 has no'),
        ({"q2": "a, c"}, 'q2 must be a list like ["a", "c"]; q1 and q3 have no answer yet'),
        ({"q2": ["a", "d"]}, 'q2 must be a list of any of "a", "b", "c"'),
        ({"q1": "d", "q3": "many"}, 'q1 must be one of "a", "b", "c"; q3 must be a number like 12'),
        (["b"], 'quiz_answers must be a dict like {"q1": "a"}'),
        (None, "quiz: q1, q2 and q3 have no answer yet"),
    ],
)
def test_the_form_is_told_without_a_key(
    questions: dict[str, Question], variable: Any, note: str
) -> None:
    (told,) = form_notes(questions, read_answers(questions, variable))
    assert told.startswith("quiz: ")
    assert note in told


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


def test_ids_of_no_question_are_counted_where_there_are_many(
    questions: dict[str, Question],
) -> None:
    names = [f"z{number}" for number in range(1990)]
    variable = {"q1": "a", **dict.fromkeys(names, "a")}
    answers = read_answers(questions, variable, b'q1 = "b"\nx = 1', " ".join(names))
    assert len(answers.remarks) == MAX_REMARKS + 2
    assert answers.remarks[0].startswith("answers.toml: there is no question x")
    assert answers.remarks[-2] == f"and {1991 - MAX_REMARKS} more ids of no question"
    assert answers.remarks[-1].startswith("q1 is answered in answers.toml and otherwise")


def test_many_ids_and_a_long_source_cost_little(questions: dict[str, Question]) -> None:
    variable = {f"z{number}": "a" for number in range(50_000)}
    start = time.process_time()
    assert read_answers(questions, variable, None, "z " * 500_000).remarks == ()
    assert time.process_time() - start < 5
