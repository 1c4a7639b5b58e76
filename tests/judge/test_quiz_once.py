"""A submission has one guess for each question of a quiz, however its answers are asked for."""

from __future__ import annotations

import contextlib
import shutil
import sys
from pathlib import Path

import pytest

from grader.course.manifest import Assignment, load_course
from grader.judge.answers import AnswersOnce
from grader.judge.backend import open_backend
from grader.judge.run import Settings, grade, grade_all
from grader.judge.template import ForkedWorker, Template
from grader.report.model import Report, Status
from grader.submission import load_submission
from grader.testing import Answers, Question

LETTERS = "abc"
QUESTIONS = "".join(
    f'[[question]]\nid = "q{n}"\ntext = "Which?"\nkind = "single"\n'
    '[question.options]\na = "This"\nb = "That"\nc = "Another"\n'
    for n in (1, 2)
)
MANIFEST = """\
id = "quiz"
title = "A quiz"
module = "quiz"
needs = ["numpy"]

[limits]
wall_s = 1.5
cpu_s = 3.0

[[problem]]
id = "1"
title = "Three"
exports = ["three"]
[problem.public]
test_three = 1
[problem.hidden]
test_three_again = 1

[[problem]]
id = "2"
title = "Quiz"
exports = ["quiz_answers"]
[problem.hidden]
test_q1 = 1
test_q2 = 1
"""
KEY = '[q1]\nanswer = "{0}"\n[q2]\nanswer = "{0}"\n'
THREE = "def {}(student):\n    assert student.three() == 3\n"
HIDDEN = THREE.format("test_three_again") + "".join(
    f'\n\ndef test_q{n}(quiz):\n    quiz.check("q{n}")\n' for n in (1, 2)
)

# It finds out whether a submission was loaded in this process before, in what no reload undoes.
OTHERWISE_THE_NEXT_TIME = """\
import numpy as np

again = hasattr(np, "loaded_before")
np.loaded_before = True
quiz_answers = {"q1": "b" if again else "a", "q2": "b" if again else "a"}


def three():
    return 3
"""

# It answers otherwise each time that it is asked, in one process.
OTHERWISE_WHEN_ASKED = """\
import itertools

guesses = itertools.cycle("abc")


def three():
    return 3


def __getattr__(name):
    if name != "quiz_answers":
        raise AttributeError(name)
    guess = next(guesses)
    return {"q1": guess, "q2": guess}
"""

# Where nothing stays behind in a process, chance is left: a guess each time that it is loaded.
OTHERWISE_BY_CHANCE = """\
import secrets

guess = secrets.choice("abc")
quiz_answers = {"q1": guess, "q2": guess}


def three():
    return 3
"""

# What its public test does spoils its answers in that process, in what no reload undoes.
SPOILT_BY_A_TEST = """import json


def three():
    json.spoilt = True
    return 3


def __getattr__(name):
    if name != "quiz_answers":
        raise AttributeError(name)
    if hasattr(json, "spoilt"):
        raise {}
    return {{"q1": "a", "q2": "a"}}
"""


def course_of(folder: Path, key: str) -> Assignment:
    files = {
        "course.toml": 'title = "A course"\nseed = 1\nassignments = ["quiz"]\n',
        "assignments/quiz/assignment.toml": MANIFEST,
        "assignments/quiz/quiz.toml": QUESTIONS,
        "assignments/quiz/tests/test_public.py": THREE.format("test_three"),
        "reference/quiz/quiz_key.toml": KEY.format(key),
        "reference/quiz/tests/test_hidden.py": HIDDEN,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return load_course(folder).assignment("quiz")


def graded(folder: Path, source: str, key: str, *, reuse: bool) -> Report:
    assignment = course_of(folder, key)
    path = folder / "quiz.py"
    path.write_text(source, encoding="utf-8")
    return grade(
        Settings(assignment=assignment, reuse_workers=reuse), load_submission(path, "quiz")
    )


def quiz_points(report: Report) -> int:
    assert not report.errors
    return int(report.problems[1].score)


@pytest.mark.parametrize("reuse", [False, True], ids=["fresh workers", "workers used again"])
@pytest.mark.parametrize(
    "source",
    [OTHERWISE_THE_NEXT_TIME, OTHERWISE_WHEN_ASKED],
    ids=["otherwise when loaded again", "otherwise when asked again"],
)
def test_of_all_keys_only_one_is_guessed(tmp_path: Path, source: str, reuse: bool) -> None:
    found = {key: quiz_points(graded(tmp_path / key, source, key, reuse=reuse)) for key in LETTERS}
    assert sorted(found.values()) == [0, 0, 2], found


def test_one_reading_serves_all_questions(tmp_path: Path) -> None:
    for _ in range(4):
        report = graded(tmp_path, OTHERWISE_BY_CHANCE, "a", reuse=True)
        got = {test.feedback.got if test.feedback else "a" for test in report.problems[1].tests}
        assert len(got) == 1
        assert [test.status for test in report.problems[0].tests] == [Status.PASSED] * 2


def test_answers_that_cannot_be_read_cost_the_quiz_only(tmp_path: Path) -> None:
    source = OTHERWISE_WHEN_ASKED.replace("    guess = next(guesses)\n", "    while True: pass\n")
    report = graded(tmp_path, source, "a", reuse=True)
    assert [test.status for test in report.tests] == [
        Status.PASSED,
        Status.PASSED,
        Status.TIMEOUT,
        Status.TIMEOUT,
    ]
    assert report.duration_s < 8  # once for both questions


@pytest.mark.parametrize("reuse", [False, True], ids=["fresh workers", "workers used again"])
@pytest.mark.parametrize("error", ["AttributeError(name)", "RuntimeError"])
def test_answers_that_a_test_spoilt_are_read_in_a_fresh_worker(
    tmp_path: Path, error: str, reuse: bool
) -> None:
    report = graded(tmp_path, SPOILT_BY_A_TEST.format(error), "a", reuse=reuse)
    assert quiz_points(report) == 2


def without_key(folder: Path, source: str, file: str | None = None) -> tuple[str, ...]:
    """What a student's checkout, which has no key, says of the quiz."""
    course_of(folder, "a")
    shutil.rmtree(folder / "reference")
    assignment = load_course(folder).assignment("quiz")
    (folder / "quiz.py").write_text(source, encoding="utf-8")
    if file is not None:
        (folder / "answers.toml").write_text(file, encoding="utf-8")
    submission = load_submission(folder / "quiz.py", "quiz")
    return grade(Settings(assignment=assignment), submission).notes


@pytest.mark.parametrize(
    ("source", "file", "notes"),
    [
        ('quiz_answers = {"q1": "a"}', None, ("quiz: q1 read; q2 has no answer yet",)),
        (
            'quiz_answers = {"q1": "z", "q2": "b"}',
            None,
            ('quiz: q2 read; q1 must be one of "a", "b", "c"',),
        ),
        (
            'quiz_answers = {"q1": "a"}',
            'q1 = "b"\nq2 = b\n',
            (
                "quiz: q1 read; q2 has no answer yet",
                "quiz: answers.toml, line 2: put quotes round b",
                "quiz: q1 is answered in answers.toml and otherwise in quiz_answers: "
                "answers.toml counts",
            ),
        ),
        (
            "import nothing",
            None,
            ("quiz: quiz_answers could not be read: the file could not be loaded",),
        ),
        (
            "def __getattr__(name):\n    return 1 / 0\n",
            'q1 = "a"\nq2 = "a"\n',
            (
                "quiz: q1 and q2 read",
                "quiz: quiz_answers could not be read: your code raised an exception",
            ),
        ),
    ],
)
def test_without_a_key_the_form_of_the_answers_is_told(
    tmp_path: Path, source: str, file: str | None, notes: tuple[str, ...]
) -> None:
    assert without_key(tmp_path, source, file) == notes


@pytest.mark.parametrize("reuse", [False, True], ids=["fresh workers", "workers used again"])
def test_the_answers_are_read_before_any_test(
    tmp_path: Path, reuse: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So they do not hang on what tests leave behind, nor come from a worker with hidden inputs."""
    assignment = course_of(tmp_path, "a")
    (tmp_path / "quiz.py").write_text(OTHERWISE_THE_NEXT_TIME, encoding="utf-8")
    begun: list[str] = []
    read = AnswersOnce._read

    def noted(self: AnswersOnce, questions: dict[str, Question]) -> Answers:
        begun.append("read")
        return read(self, questions)

    monkeypatch.setattr(AnswersOnce, "_read", noted)
    report = grade(
        Settings(assignment=assignment, reuse_workers=reuse),
        load_submission(tmp_path / "quiz.py", "quiz"),
        lambda test: begun.append(test.id),
    )
    assert begun == ["read", "test_three", "test_three_again", "test_q1", "test_q2"]
    assert quiz_points(report) == 2


@pytest.mark.parametrize("reuse", [False, True], ids=["fresh workers", "workers used again"])
@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("print('so far')\nimport nothing\n", Status.FAILED),
        ("print('so far')\nimport os; os._exit(3)\n", Status.CRASHED),
        ("print('so far')\nwhile True: pass\n", Status.TIMEOUT),
    ],
    ids=["an exception", "an exit", "a loop"],
)
def test_the_first_test_tells_why_nothing_can_be_loaded(
    tmp_path: Path, source: str, status: Status, reuse: bool
) -> None:
    report = graded(tmp_path, source, "a", reuse=reuse)
    first, *others = [test for problem in report.problems for test in problem.tests]
    assert (first.id, first.status, first.output) == ("test_three", status, "so far\n")
    assert {test.status for test in others} == {Status.NOT_RUN}
    assert report.duration_s < 5  # it is loaded once


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux")
def test_a_good_submission_needs_one_worker_for_its_quiz_and_all_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(assignment=course_of(tmp_path, "a"), reuse_workers=True)
    source = 'quiz_answers = {"q1": "a", "q2": "a"}\n\n\ndef three():\n    return 3\n'
    (tmp_path / "quiz.py").write_text(source, encoding="utf-8")
    submissions = [load_submission(tmp_path / "quiz.py", "quiz")] * 3
    spawned: list[int] = []
    spawn = Template.spawn

    def counted(self: Template) -> ForkedWorker:
        spawned.append(len(spawned))
        return spawn(self)

    monkeypatch.setattr(Template, "spawn", counted)
    scores: list[float] = []
    with contextlib.closing(open_backend(settings)) as backend:
        grade_all(
            settings,
            submissions,
            backend,
            lambda _, report: scores.append(float(report.score or 0)),
        )
    assert scores == [4, 4, 4]
    assert len(spawned) == 3
