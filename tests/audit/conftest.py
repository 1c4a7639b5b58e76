"""The course that `grader init` makes, to be audited as it is or with something broken in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.audit.desk import Effort
from grader.audit.model import CheckResult
from grader.audit.run import audit
from grader.course.manifest import Assignment, load_course
from grader.release.new_course import HOMEWORK, new_course

SMALL = Effort(seeds=3, bank_seeds=1, mutants=8, garbage=6)


@pytest.fixture(scope="session")
def template_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new course whose seed is always the same."""
    folder = tmp_path_factory.mktemp("courses") / "new"
    new_course(folder, "A course for tests")
    (folder / "course.toml").write_text('title = "A course for tests"\nseed = 7123456\n')
    return folder


@pytest.fixture
def course(template_course: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may break."""
    folder = tmp_path / "course"
    shutil.copytree(template_course, folder)
    return folder


@pytest.fixture
def neuron(course: Path) -> Callable[[], Assignment]:
    """The copy's homework, read when it is called."""
    return lambda: load_course(course).assignment(HOMEWORK)


@pytest.fixture
def run_check(neuron: Callable[[], Assignment]) -> Callable[..., CheckResult]:
    """One check of the copy's homework."""

    def run(name: str, effort: Effort = SMALL) -> CheckResult:
        return audit(neuron(), effort=effort, only=[name], judges=1).checks[0]

    return run


@pytest.fixture
def edit(course: Path) -> Callable[[str, str, str], None]:
    """Replace a text that is in a file of the copy exactly once; "" adds at the end."""

    def replace(name: str, old: str, new: str) -> None:
        path = course / name
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        assert old == "" or text.count(old) == 1
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace(old, new) if old else text + new, encoding="utf-8")

    return replace
