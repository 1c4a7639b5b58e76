"""Tests that nobody listed are found: a hidden one that never runs would cost nobody a point."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli.build import build
from grader.course.manifest import Assignment, load_course
from grader.course.unlisted import unlisted_notes, unlisted_tests
from grader.errors import CourseError
from tests.conftest import TINY, Run

HIDDEN = "reference/tiny/tests/test_hidden.py"
PUBLIC = "assignments/tiny/tests/test_public.py"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    shutil.copytree(TINY, tmp_path / "course")
    return tmp_path / "course"


def add(course: Path, name: str, text: str) -> Assignment:
    path = course / name
    path.write_text(f"{path.read_text()}\n\n{text}")
    return load_course(course).assignment("tiny")


def test_a_course_whose_tests_are_all_listed(tiny_course: object) -> None:
    assert unlisted_tests(load_course(TINY).assignment("tiny")) == ()


@pytest.mark.parametrize("file", [HIDDEN, PUBLIC])
@pytest.mark.parametrize(
    "text",
    [
        "def test_forgotten(student):\n    pass\n",
        "async def test_forgotten(student):\n    pass\n",
        "class TestMore:\n    def test_forgotten(self, student):\n        pass\n",
    ],
)
def test_an_unlisted_test_is_named_with_its_place(course: Path, file: str, text: str) -> None:
    (found,) = unlisted_tests(add(course, file, text))
    assert found.name == "test_forgotten"
    assert found.why == "is not in assignment.toml: it does not run"
    line = (course / file).read_text().splitlines()[found.line - 1]
    assert "def test_forgotten" in line
    assert found.place == f"tests/{Path(file).name}:{found.line}"


def test_one_that_is_listed_among_the_others_is_named(course: Path) -> None:
    found = unlisted_tests(add(course, PUBLIC, "def test_partly(student):\n    pass\n"))
    assert [one.why for one in found] == [
        "stands among the public tests and is listed as hidden",
        "has the name of the test in tests/test_public.py: only one of them runs",
    ]


def test_two_of_a_name_are_named(course: Path) -> None:
    (found,) = unlisted_tests(add(course, HIDDEN, "def test_partly(student):\n    pass\n"))
    assert found.why == "has the name of the test above: only one of them runs"


def test_helpers_are_none(course: Path) -> None:
    text = "def helper(student):\n    def test_inside():\n        pass\n\n\nTESTS = 1\n"
    assert unlisted_tests(add(course, HIDDEN, text)) == ()


def test_a_file_that_is_no_python_is_the_courses_fault(course: Path) -> None:
    with pytest.raises(CourseError, match="cannot be read as Python"):
        unlisted_notes(add(course, HIDDEN, "def test_x(:\n"))


def test_build_check_fails_and_build_says_so(course: Path) -> None:
    args = ["tiny", "--course", str(course)]
    assert CliRunner().invoke(build, args).exit_code == 0
    assert CliRunner().invoke(build, [*args, "--check"]).exit_code == 0
    add(course, HIDDEN, "def test_forgotten(student):\n    pass\n")
    done = CliRunner().invoke(build, args)
    assert done.exit_code == 0
    assert "test_forgotten is not in assignment.toml: it does not run" in done.output
    done = CliRunner().invoke(build, [*args, "--check"])
    assert done.exit_code == 1
    assert "tiny: tests/test_hidden.py:" in done.output
    assert "Everything is up to date" not in done.output


def test_a_batch_notes_it(course: Path, run: Run, tmp_path: Path) -> None:
    add(course, HIDDEN, "def test_forgotten(student):\n    pass\n")
    (tmp_path / "class" / "ana").mkdir(parents=True)
    shutil.copyfile(TINY / "assignments/tiny/tiny.py", tmp_path / "class" / "ana" / "tiny.py")
    ran = run(
        "batch", "tiny", tmp_path / "class", "--course", course, "--gradebook", tmp_path / "g.db"
    )
    assert ran.code == 0
    assert "note: tiny: tests/test_hidden.py:" in ran.err
    assert "test_forgotten is not in assignment.toml" in ran.err
