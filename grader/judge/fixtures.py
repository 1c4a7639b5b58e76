"""The fixtures that tests are written with: `student`, `rng`, `points`, `quiz`, `data`, ..."""

from __future__ import annotations

import hashlib
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.course.manifest import Assignment
from grader.judge.answers import AnswersOnce, quiz_of
from grader.judge.session import Sessions
from grader.submission.model import Submission
from grader.testing import Points, Quiz


@dataclass
class Context:
    """What the fixtures of one run share: the submission and the name of the test at hand.

    Fixtures read the test's name here, not of pytest's `request`, which costs more than they do.
    `answers` are those of the submission at hand, read when the first test of the quiz asks.
    """

    assignment: Assignment
    seed: int
    device: str = "cpu"
    data_dir: Path | None = None
    session: Sessions | None = None
    submission: Submission | None = None
    test: str = ""
    hidden: bool = False
    points: dict[str, Points] = field(default_factory=dict)
    answers: AnswersOnce | None = None
    _secret: str = field(init=False)

    def __post_init__(self) -> None:
        self._secret = _secret_of(self.assignment)

    def test_seed(self, purpose: str = "") -> int:
        """A seed of the test's own, whatever its order and neighbours; below 2^63.

        A hidden test's hangs on what students do not have; a public test's does not, so that it
        draws the same inputs at the student's as here. One `purpose` tells nothing of another:
        `torch_seed` is sent to student code, and must not be the seed of `rng`.
        """
        text = f"{self._secret if self.hidden else ''}/{self.seed}/{self.test}{purpose}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def _secret_of(assignment: Assignment) -> str:
    """The course's seed, or in a course without one a digest of the hidden tests and keys."""
    if assignment.course_seed:
        return str(assignment.course_seed)
    digest = hashlib.sha256()
    for path in (*assignment.test_files("hidden"), assignment.key_file):
        digest.update(path.read_bytes() if path is not None else b"")
    return digest.hexdigest()


@dataclass(frozen=True)
class Data:
    """The `data` fixture: data sets by name, for the judge; labels of test sets stay here."""

    folder: Path | None

    def load(self, name: str, split: str = "train") -> dict[str, np.ndarray]:
        """Arrays of the data set `name`; see grader.data.registry."""
        from grader.data.registry import load

        return load(name, split, self.folder)

    def available(self) -> tuple[str, ...]:
        """The data sets that are here: embedded ones and those that were fetched."""
        from grader.data.registry import available

        return available(self.folder)


def _student(context: Context) -> Any:
    assert context.session is not None
    return context.session.begin()


def _quiz(context: Context) -> Quiz:
    assert context.answers is not None
    return quiz_of(context.assignment, context.answers)


PROVIDED: dict[str, Callable[[Context], Any]] = {
    "student": _student,
    "rng": lambda context: np.random.default_rng(context.test_seed()),
    "torch_seed": lambda context: context.test_seed(" torch"),
    "points": lambda context: context.points.setdefault(context.test, Points()),
    "device": lambda context: context.device,
    "data": lambda context: Data(context.data_dir),
    "quiz": _quiz,
}


def our_fixtures(context: Context) -> dict[str, Callable[[], Any]]:
    """The functions behind the fixtures, by name: each gives its value for the test at hand."""
    return {name: _bound(provide, context) for name, provide in PROVIDED.items()}


def _bound(provide: Callable[[Context], Any], context: Context) -> Callable[[], Any]:
    def fixture() -> Any:
        return provide(context)

    return fixture


def fixtures_plugin(functions: Mapping[str, Callable[[], Any]]) -> types.ModuleType:
    """A plugin by which pytest knows these functions as fixtures."""
    module = types.ModuleType("grader_fixtures")
    for name, function in functions.items():
        setattr(module, name, pytest.fixture(name=name)(function))
    return module
