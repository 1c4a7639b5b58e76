"""The fixtures that tests are written with: `student`, `rng`, `points`, `quiz`, `data`, ..."""

from __future__ import annotations

import functools
import hashlib
import tomllib
import types
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.course.manifest import Assignment
from grader.errors import CourseError
from grader.judge.session import Sessions
from grader.submission.model import Submission
from grader.testing import Key, Points, Question, Quiz, load_key, load_questions

ANSWERS_FILE = "answers.toml"
MAX_ANSWERS = 64 << 10  # bytes
# The parser's time and memory grow with the square of a dotted key: 0.6 s and 50 MB for 8,000
# bytes of "a.a.a...", 33 s and 4 GB for 64 KiB.
MAX_ANSWERS_BYTES = 8_000


@dataclass
class Context:
    """What the fixtures of one run share: the submission and the name of the test at hand.

    Fixtures read the test's name here, not of pytest's `request`, which costs more than they do.
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
    _secret: str = field(init=False)

    def __post_init__(self) -> None:
        self._secret = _secret_of(self.assignment)

    def test_seed(self) -> int:
        """A seed of the test's own, whatever its order and neighbours; below 2^63.

        A hidden test's hangs on what students do not have; a public test's does not, so that it
        draws the same inputs at the student's as here.
        """
        text = f"{self._secret if self.hidden else ''}/{self.seed}/{self.test}"
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


def make_fixtures(context: Context) -> types.ModuleType:
    """A plugin module whose fixtures belong to `context`."""

    @pytest.fixture
    def student() -> Any:
        assert context.session is not None
        return context.session.begin()

    @pytest.fixture
    def rng() -> np.random.Generator:
        return np.random.default_rng(context.test_seed())

    @pytest.fixture
    def torch_seed() -> int:
        return context.test_seed()

    @pytest.fixture
    def points() -> Points:
        return context.points.setdefault(context.test, Points())

    @pytest.fixture
    def device() -> str:
        return context.device

    @pytest.fixture
    def data() -> Data:
        return Data(context.data_dir)

    @pytest.fixture
    def quiz(request: pytest.FixtureRequest) -> Quiz:
        return _quiz(context, request)

    module = types.ModuleType("grader_fixtures")
    for fixture in (student, rng, torch_seed, points, device, data, quiz):
        setattr(module, fixture.__name__, fixture)
    return module


def _quiz(context: Context, request: pytest.FixtureRequest) -> Quiz:
    assignment, submission = context.assignment, context.submission
    if assignment.quiz_file is None or assignment.key_file is None:
        raise CourseError(f"{assignment.id} has no quiz.toml or no quiz_key.toml.")
    questions, key = _questions(assignment.quiz_file, assignment.key_file)
    assert submission is not None
    if ANSWERS_FILE in submission.files:
        answers: Any = _read_answers(submission.files[ANSWERS_FILE])
    else:
        student = request.getfixturevalue("student")
        answers = student.quiz_answers if student.has("quiz_answers") else None
    return Quiz(questions, key, answers)


@functools.cache
def _questions(quiz: Path, key: Path) -> tuple[dict[str, Question], dict[str, Key]]:
    """Read once, however many submissions are judged."""
    questions = load_questions(quiz)
    return questions, load_key(key, questions)


def _read_answers(content: bytes) -> Any:
    """The answers in a file of the student's, or words on why it cannot be read."""
    if len(content) > MAX_ANSWERS_BYTES:
        return f"an {ANSWERS_FILE} of more than {MAX_ANSWERS_BYTES} bytes"
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as err:  # bad TOML, bad UTF-8, a number too long
        return f"an {ANSWERS_FILE} that cannot be read ({type(err).__name__})"
