"""A test that needs nothing of pytest is called; one that does is run by pytest."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.course.manifest import Assignment, load_course
from grader.judge import plugin
from grader.judge.backend import open_backend
from grader.judge.plain import PlainTest, plain_test
from grader.judge.run import Settings, grade, grade_all
from grader.report.model import Report, Status
from grader.submission import load_submission

MANIFEST = """\
id = "mix"
title = "A mix"
module = "mix"
needs = ["numpy"]

[[problem]]
id = "1"
title = "Three"
exports = ["three"]
[problem.public]
"""
FIRST = """
import pytest

SET_UP = []


@pytest.fixture
def rng():
    return "not ours"


def setup_function(function):
    SET_UP.append(function.__name__)


def test_of_another_rng(rng):
    assert rng == "not ours"


def test_with_a_set_up(student):
    assert SET_UP[-1] == "test_with_a_set_up"
"""
SECOND = """
import pytest

TRACE = []


@pytest.fixture(scope="module")
def made():
    TRACE[:] = ["made"]
    yield len(TRACE)
    TRACE.append("unmade")


@pytest.fixture
def doubled(student):
    return 2 * student.three()


def test_plain(student, rng):
    assert student.three() == 3 and 0 <= rng.random() < 1


def test_with_its_own_fixture(made, doubled):
    assert doubled == 6 and made == 1


def test_plain_in_between(student):
    assert student.three() == 3


def test_of_one_module_fixture(made, student):
    assert made == 1 and TRACE == ["made"]


@pytest.mark.skip(reason="not today")
def test_with_a_mark(student):
    raise AssertionError


class TestClass:
    def test_in_a_class(self, student):
        assert student.three() == 3


def test_of_a_request(request, student):
    assert request.node.name == "test_of_a_request"


@pytest.mark.usefixtures("made")
def test_that_uses_a_fixture(student):
    assert TRACE == ["made"]
"""
THIRD = """
import pytest


@pytest.fixture(autouse=True)
def unasked(monkeypatch):
    monkeypatch.setenv("UNASKED", "1")


def test_of_what_is_unasked(student):
    import os

    assert os.environ["UNASKED"] == "1"
"""
PLAIN = ["test_plain", "test_plain_in_between"]
NAMES = [
    line.split("def ")[1].split("(")[0]
    for text in (FIRST, SECOND, THIRD)
    for line in text.splitlines()
    if "def test_" in line
]


@pytest.fixture
def mix(tmp_path: Path) -> Assignment:
    files = {
        "course.toml": 'title = "A course"\nseed = 1\nassignments = ["mix"]\n',
        "assignments/mix/assignment.toml": MANIFEST + "".join(f"{n} = 1\n" for n in NAMES),
        "assignments/mix/tests/test_a.py": FIRST,
        "assignments/mix/tests/test_b.py": SECOND,
        "assignments/mix/tests/test_c.py": THIRD,
        "mix.py": "def three():\n    return 3\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return load_course(tmp_path).assignment("mix")


def statuses(report: Report) -> Mapping[str, Status]:
    return {test.id: test.status for test in report.tests}


def test_pytest_runs_what_needs_it(mix: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[str] = []

    def noted(item: pytest.Item, ours: Mapping[str, Callable[[], Any]]) -> PlainTest | None:
        plain = plain_test(item, ours)
        found.extend([item.name] if plain is not None else [])
        return plain

    monkeypatch.setattr(plugin, "plain_test", noted)
    path = mix.folder.parents[1] / "mix.py"
    report = grade(Settings(assignment=mix), load_submission(path, "mix"))
    assert sorted(found) == sorted(PLAIN)
    wanted = dict.fromkeys(NAMES, Status.PASSED) | {"test_with_a_mark": Status.ERROR}
    assert statuses(report) == wanted


def test_a_submission_whose_time_is_up_leaves_nothing_set_up(mix: Assignment) -> None:
    hurried = replace(mix, limits=replace(mix.limits, submission_s=0.5))
    folder = mix.folder.parents[1]
    (folder / "slow").mkdir()
    slow = folder / "slow" / "mix.py"
    slow.write_text("import time\n\n\ndef three():\n    time.sleep(0.4)\n    return 3\n")
    submissions = [load_submission(path, "mix") for path in (slow, folder / "mix.py")]
    settings = Settings(assignment=hurried)
    reports: list[Report] = []
    with contextlib.closing(open_backend(settings)) as backend:
        grade_all(settings, submissions, backend, lambda _, report: reports.append(report))
    first, second = map(statuses, reports)
    assert [name for name in NAMES if first[name] is not Status.NOT_RUN] == NAMES[:4]
    assert [name for name in NAMES if second[name] is not Status.PASSED] == ["test_with_a_mark"]
