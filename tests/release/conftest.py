"""A new course to release."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course.manifest import Course, load_course
from grader.release.new_course import new_course

SEED = 918_273_645


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a new course whose seed is SEED."""
    folder = tmp_path / "course"
    new_course(folder, "A course for tests")
    (folder / "course.toml").write_text(
        f'title = "A course for tests"\nseed = {SEED}\ninstall = "pip install the-grader"\n'
    )
    return folder


@pytest.fixture
def course(folder: Path) -> Course:
    return load_course(folder)
