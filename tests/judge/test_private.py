"""A course is private wherever it lies: below /usr too, which every worker reads."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.course.manifest import load_course
from grader.judge import launch
from grader.judge.run import Settings, grade
from grader.report.model import Status
from grader.sandbox import ALL_LAYERS
from grader.sandbox.policy import NAMESPACE_LAYERS
from grader.submission import load_submission
from tests.conftest import TINY
from tests.judge.test_verdicts import broken

LEVELS = {"level 3": ALL_LAYERS, "level 2": ALL_LAYERS - NAMESPACE_LAYERS}
LIBRARY = Path("/usr/local/share")


@pytest.fixture
def library() -> Iterator[Path]:
    """A folder among the system's libraries, as a container's WORKDIR often is."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="course-", dir=LIBRARY))
    except OSError:
        pytest.skip(f"{LIBRARY} cannot be written")
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def reads(path: Path) -> str:
    """A submission whose `double` is right once it has read `path`."""
    return broken(f"    open({str(path)!r}).read()\n    return 2 * x\n")


@pytest.mark.parametrize("layers", LEVELS.values(), ids=LEVELS)
def test_a_course_and_a_class_below_usr(
    library: Path, tmp_path: Path, layers: frozenset[str]
) -> None:
    course, grades = library / "course", library / "class" / "grades.db"
    shutil.copytree(TINY, course)
    grades.parent.mkdir()
    grades.write_text("everyone's")
    (library / "open.txt").write_text("for all")
    hidden = next((course / "reference" / "tiny" / "tests").glob("test_*.py"))
    wanted = {library / "open.txt": Status.PASSED, hidden: Status.FAILED, grades: Status.FAILED}
    for path, expected in wanted.items():
        (tmp_path / "tiny.py").write_text(reads(path))
        settings = Settings(
            assignment=load_course(course).assignment("tiny"), layers=layers, private=(grades,)
        )
        report = grade(settings, load_submission(tmp_path / "tiny.py", "tiny"))
        (public,) = [test for test in report.tests if test.visibility == "public"]
        assert public.status is expected, (path, public.feedback)


def test_a_course_that_holds_the_system_hides_its_own_parts(tmp_path: Path) -> None:
    """A course at / must not take the system away from its workers."""
    assert launch.private_paths(Path("/")) == launch.private_paths(None)
    assert str(tmp_path) in launch.private_paths(tmp_path)
