"""What a homework needs where it is graded elsewhere: files, and extras of the grader."""

from __future__ import annotations

from pathlib import Path

from grader.course.manifest import ASSIGNMENT_FILE, COURSE_FILE, Assignment
from grader.errors import UsageError

QUIZ_FILE, KEY_FILE = "quiz.toml", "quiz_key.toml"
_EXTRAS = {"torch": "torch", "torchvision": "torch", "matplotlib": "plots"}  # by a need's package


def suite_files(assignment: Assignment) -> dict[str, Path]:
    """Manifest, tests, quiz and key by their names in a course; never the solution or its banks.

    Raises UsageError where the hidden tests are not in this checkout.
    """
    if assignment.reference is None or not assignment.test_files("hidden"):
        raise UsageError(
            f"The hidden tests of {assignment.id} are not in this checkout.",
            hint="They lie in the course's reference folder, which instructors have.",
        )
    root = assignment.folder.parents[1]
    public, private = assignment.folder, assignment.reference
    wanted = [root / COURSE_FILE, public / ASSIGNMENT_FILE, public / QUIZ_FILE, private / KEY_FILE]
    for folder in (public / "tests", private / "tests"):
        wanted += sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path for path in wanted if path.is_file()}


def extras_of(assignment: Assignment) -> list[str]:
    """The grader's extras that the homework needs to be installed; none for a numpy homework."""
    packages = {need.split(".")[0] for need in assignment.needs}
    return sorted({_EXTRAS[name] for name in packages & _EXTRAS.keys()})
