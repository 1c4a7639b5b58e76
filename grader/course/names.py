"""Whose file a file is by its name: hw3.py is not to be graded as hw4. Reads manifests only.

A wrong id on the command line, or a file handed in for the wrong homework, would else be graded
by tests of functions that it never meant to hold: 0 points, and no word of why.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from grader.course.manifest import ASSIGNMENT_FILE, Assignment
from grader.errors import SubmissionError
from grader.text import safe_text


class OtherHomework(SubmissionError):
    """What was handed in is called as the file of `homework`, another one of the course."""

    def __init__(self, message: str, hint: str, homework: str) -> None:
        super().__init__(message, hint)
        self.homework = homework


def refuse_other_homework(assignment: Assignment, names: Sequence[str]) -> None:
    """OtherHomework where none of `names` is this homework's file and one is another's.

    A platform's prefix (`lovelaceada_123_9001_hw3.py`) and the number of a copy (`hw3 (1).py`,
    `hw3-2.py`) do not count, nor does case. Homeworks that are not in this checkout are not known.
    """
    if any(_is_called(name, assignment.module) for name in names):
        return
    for homework, module in _others(assignment):
        for name in names:
            if _is_called(name, module):
                raise OtherHomework(
                    f"'{safe_text(name, 80)}' is the file of {homework}, not of {assignment.id}.",
                    f"If it holds {assignment.id}, name it {assignment.module}.py.",
                    homework,
                )


def note_on_other_homework(assignment: Assignment, name: str, path: str) -> str | None:
    """For whoever checks `path`, of which `name` is graded: that it is called as another's file."""
    try:
        refuse_other_homework(assignment, [name])
    except OtherHomework as err:
        command = safe_text(f"grader check {err.homework} {path}", 200)
        return f"This looks like homework {err.homework}: {command}"
    return None


def _is_called(name: str, module: str) -> bool:
    copy = r"(?:[-_ ]\d{1,3}| ?\(\d{1,3}\))?"
    stem = PurePosixPath(name).stem
    return bool(re.search(rf"(?<![A-Za-z0-9]){re.escape(module)}{copy}\Z", stem, re.I))


def _others(assignment: Assignment) -> Iterator[tuple[str, str]]:
    """The course's other homeworks with their modules; a manifest that is broken says nothing."""
    for path in sorted(assignment.folder.parent.glob(f"*/{ASSIGNMENT_FILE}")):
        try:
            module = tomllib.loads(path.read_text(encoding="utf-8")).get("module")
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            continue
        if isinstance(module, str) and module and module.lower() != assignment.module.lower():
            yield path.parent.name, module
