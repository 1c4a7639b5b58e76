"""The same tests without isolation: submission and tests in one process, as other tools do it.

A baseline for time only. Loaded into plain pytest with `-p benchmarks.bare_plugin`; the
submission's path comes in BARE_SUBMISSION, the homework's id in BARE_HOMEWORK.
"""

from __future__ import annotations

import importlib.util
import os
import time
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.course.manifest import find_course
from grader.testing import Points, Quiz, load_key, load_questions, read_answers


class BareStudent:
    """The student's module with the proxy's extra methods, by plain calls."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)

    def has(self, name: str) -> bool:
        return hasattr(self._module, name)

    def run(self, probe: Any, *args: Any, **kwargs: Any) -> Any:
        return probe(self._module, *args, **kwargs)

    def processor_s(self) -> float:
        return time.process_time()

    def with_arguments(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs), list(args)


@pytest.fixture(scope="session")
def student() -> BareStudent:
    path = Path(os.environ["BARE_SUBMISSION"])
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return BareStudent(module)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(request.node.name.encode()))


@pytest.fixture
def points() -> Points:
    return Points()


@pytest.fixture
def quiz(student: BareStudent) -> Quiz:
    assignment = find_course().assignment(os.environ["BARE_HOMEWORK"])
    assert assignment.quiz_file is not None
    assert assignment.reference is not None
    questions = load_questions(assignment.quiz_file)
    key = load_key(assignment.reference / "quiz_key.toml", questions)
    return Quiz(questions, key, read_answers(questions, student.quiz_answers))
