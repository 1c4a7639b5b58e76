"""Inputs of hidden tests hang on what students do not have, those of public tests do not."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from grader.course.manifest import Assignment, Course, load_course
from grader.judge.fixtures import Context
from tests.conftest import TINY


def seed_of(assignment: Assignment, *, hidden: bool, seed: int = 0, test: str = "test_a") -> int:
    return Context(assignment=assignment, seed=seed, test=test, hidden=hidden).test_seed()


def test_every_test_and_every_run_has_its_own(tiny_course: Course) -> None:
    tiny = tiny_course.assignment("tiny")
    seeds = {
        seed_of(tiny, hidden=hidden, seed=seed, test=test)
        for hidden in (False, True)
        for seed in (0, 1)
        for test in ("test_a", "test_b")
    }
    assert len(seeds) == 8
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_a_students_checkout_draws_the_same_public_inputs(tiny_course: Course) -> None:
    tiny = tiny_course.assignment("tiny")
    students = replace(tiny, reference=None, key_file=None, course_seed=0)
    assert seed_of(students, hidden=False) == seed_of(tiny, hidden=False)
    assert seed_of(students, hidden=True) != seed_of(tiny, hidden=True)


def test_without_a_seed_of_the_course_the_hidden_tests_make_one(tmp_path: Path) -> None:
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    (root / "course.toml").unlink()
    before = seed_of(load_course(root).assignment("tiny"), hidden=True)
    hidden = root / "reference" / "tiny" / "tests" / "test_hidden.py"
    hidden.write_text(hidden.read_text() + "\n# one line more\n")
    assert seed_of(load_course(root).assignment("tiny"), hidden=True) != before
