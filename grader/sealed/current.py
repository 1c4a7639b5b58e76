"""The sealed suite that lies in a course, taken only if it is what the course would seal now."""

from __future__ import annotations

from grader.course.manifest import Assignment
from grader.course.suite import suite_files
from grader.errors import CourseError, UsageError
from grader.sealed import bundle, crypt


def current_suite(assignment: Assignment, key: str | None) -> bytes:
    """The content of `reference/HW/HW.sealed`, checked against the files of the homework.

    CourseError where it is missing or out of date, UsageError where `key` is none or another's.
    """
    files = suite_files(assignment)
    assert assignment.reference is not None
    path = assignment.reference / f"{assignment.id}.sealed"
    seal = f"grader seal {assignment.id} --out {path} --key-file KEY"
    if not path.is_file():
        raise CourseError(
            f"{assignment.id} has no sealed suite to release: there is no {path}.", hint=seal
        )
    if not key:
        raise UsageError(
            f"The variable {crypt.KEY_VARIABLE} is not set, so {path} cannot be checked.",
            hint=f"Set it to the key that the suite was sealed with: {crypt.KEY_VARIABLE}=...",
        )
    content = path.read_bytes()
    sealed = bundle.contents(crypt.unseal(assignment.id, content.decode("ascii", "replace"), key))
    if sealed != {name: file.read_bytes() for name, file in files.items()}:
        raise CourseError(
            f"{path} holds other tests than {assignment.id} has now.",
            hint=f"Seal them again: {seal}",
        )
    return content
