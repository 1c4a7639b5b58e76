"""Whatever a submission answers, a test of ours fails or passes: it never ends in an error.

Each test is run once on the reference, in this process, and the answers that it got are kept. Then
it is run on these answers again and again with one part of one of them replaced: a list shorter,
an array empty or of another kind, a NaN, a text for a number, an object. No student's code runs.
"""

from __future__ import annotations

import copy
import importlib.util
import inspect
import marshal
import random
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from grader.course.manifest import load_course
from grader.judge.fixtures import Data
from grader.judge.outcomes import Fault, MisusedValue, StudentFault
from grader.judge.proxy import Remote, Student
from grader.testing import CheckFailed, Points, revealing_expected
from grader.wire.codec import Hooks, encode, is_tensor

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT)
SPOILT, LEAST = 150, 15  # answers tried on each test, and for each of its questions
GONE = StudentFault(Fault("Gone", (), "nothing is left to answer", (), False))


class Reference:
    """A conversation with the reference solution in this process, and its answers in order."""

    def __init__(self, solution: ModuleType) -> None:
        self._solution = solution
        self._objects: list[Any] = []
        self.answers: list[tuple[str, Any]] = []

    def ask(self, kind: str, payload: list[Any], called: str | None = None) -> Any:
        given = self._to_solution(payload)
        if kind == "get":
            answer = getattr(given[0] or self._solution, given[1])
        elif kind == "run":
            space: dict[str, Any] = {}
            exec(marshal.loads(given[0]), space)
            answer = space[given[1]](self._solution, *given[2], **given[3])
        elif kind in ("call", "call_keeping"):
            result = given[0](*given[1], **given[2])
            answer = result if kind == "call" else (result, given[1])
        else:
            raise NotImplementedError(kind)
        self.answers.append((kind, self._to_test(answer)))
        return self.answers[-1][1]

    def processor_s(self) -> float:
        return 0.0

    def _to_solution(self, value: Any) -> Any:
        if isinstance(value, Remote):
            return self._objects[value._remote_number]
        return mapped(value, self._to_solution)

    def _to_test(self, value: Any) -> Any:
        if value is None or type(value) in (bool, int, float, complex, str, bytes):
            return value
        if type(value) in (list, tuple, dict, np.ndarray) or isinstance(value, np.generic):
            return mapped(value, self._to_test)
        if is_tensor(value):
            return value.detach().clone()
        self._objects.append(value)
        return Remote(self, len(self._objects) - 1, type(value).__name__, "the result")


class Replay:
    """A conversation of kept answers, all of them right but one."""

    def __init__(self, answers: list[tuple[str, Any]], place: int, spoilt: Any) -> None:
        self._answers = [answer for _, answer in answers]
        self._answers[place] = spoilt
        self._asked = 0

    def ask(self, kind: str, payload: list[Any], called: str | None = None) -> Any:
        encode(payload, Hooks(encode=lambda value: ["h"], decode={}))  # it could be sent
        if self._asked == len(self._answers):
            raise GONE
        self._asked += 1
        return self._of_ours(self._answers[self._asked - 1])

    def processor_s(self) -> float:
        return 0.0

    def _of_ours(self, value: Any) -> Any:
        if isinstance(value, Remote):
            return Remote(self, value._remote_number, value._remote_type, value._remote_path)
        return mapped(value, self._of_ours)


def mapped(value: Any, f: Callable[[Any], Any]) -> Any:
    """A copy of a value, `f` applied to the parts of a collection."""
    if type(value) in (list, tuple):
        return type(value)(f(part) for part in value)
    if type(value) is dict:
        return {key: f(part) for key, part in value.items()}
    if is_tensor(value):
        return value.detach().clone()
    if type(value).__name__ == "Generator" and type(value).__module__.startswith("torch"):
        return value.clone_state()
    return copy.deepcopy(value) if not callable(value) else value


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def values() -> list[Any]:
    """Values of every kind that can come over the wire."""
    remote = Remote(Replay([("get", None)], 0, None), 0, "Thing", "f()")
    return [
        *(None, True, False, 0, -1, 7, 10**30, -(10**400), 0.5, float("nan"), float("inf"), 1e308),
        *(1 + 2j, "text", b"bytes", ..., slice(0, 1), remote, np.float64("nan"), np.int8(5)),
        *([], (), {}, [None], [[]], {"a": 1}, {1: 2, None: 3}, nested(58), [remote]),
        *(np.zeros(0), np.zeros((3, 0)), np.array(3.0), np.array([1]), np.zeros(3, complex)),
        *(np.full(5, np.nan), np.zeros(4, bool), np.zeros((2, 3, 4)), np.zeros(5, np.float16)),
    ]


def like(array: np.ndarray) -> list[np.ndarray]:
    """Arrays that differ from one in numbers, kind or shape."""
    with np.errstate(all="ignore"):
        return _like(array)


def _like(array: np.ndarray) -> list[np.ndarray]:
    full = [np.full(array.shape, x) for x in (0.0, np.nan, np.inf, -1e308, 2**62, -5)]
    plain = np.nan_to_num(np.real(array).astype(float), nan=1.0, posinf=1.0, neginf=1.0)
    kinds = [plain.astype(kind) for kind in (np.float32, np.float16, np.uint8, np.int64, bool)]
    shapes = [array[None], array.ravel(), array.T, *([array[:0], array[1:]] if array.ndim else [])]
    return [*full, *kinds, *shapes, array.astype(complex)]


def instead_of(value: Any, draw: random.Random) -> Any:
    """Anything, something like the value, or the value with one of its parts spoilt."""
    keys = list(value) if type(value) is dict else []
    if type(value) in (list, tuple):
        keys = list(range(len(value)))
    if keys and draw.random() < 0.7:
        key = draw.choice(keys)
        part = instead_of(value[key], draw)
        if type(value) is dict:
            return {**value, key: part}
        return type(value)([*value[:key], part, *value[key + 1 :]])
    choices = values()
    if type(value) is np.ndarray:
        choices += like(value)
    if is_tensor(value):
        import torch

        choices += [torch.tensor(np.ascontiguousarray(x)) for x in like(value.numpy())]
        choices += [torch.zeros(0), torch.tensor(2.0), value.bfloat16(), value.numpy()]
    if type(value) in (list, tuple):
        same = [type(value)([part]) * len(value) for part in values()]
        choices += [value[:-1], value + value, list(value), tuple(value), *same]
    if type(value) is dict:
        choices += [{k: v for k, v in value.items() if k != key} for key in value]
    return draw.choice(choices)


def loaded(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(test: Callable[..., None], conversation: Any, *, public: bool) -> None:
    fixtures = {
        "student": Student(conversation),
        "rng": np.random.default_rng(5),
        "torch_seed": 5,
        "device": "cpu",
        "data": Data(None),
        "points": Points(),
    }
    wanted = inspect.signature(test).parameters
    with revealing_expected(public), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        test(**{name: fixtures[name] for name in wanted})


def errors(test: Callable[..., None], solution: ModuleType, *, public: bool) -> Iterator[str]:
    """How the test ended in an error, for some spoilt answers of each question."""
    reference = Reference(solution)
    run(test, reference, public=public)
    draw = random.Random(test.__name__)
    asked = [k for k, (kind, _) in enumerate(reference.answers) if kind != "get"]
    for place in asked:
        kind, answer = reference.answers[place]
        part = answer[0] if kind == "call_keeping" else answer
        for _ in range(max(LEAST, SPOILT // len(asked))):
            value = instead_of(part, draw)
            given = (value, answer[1]) if kind == "call_keeping" else value
            try:
                run(test, Replay(reference.answers, place, given), public=public)
            except (CheckFailed, MisusedValue, StudentFault):
                pass
            except Exception as err:
                yield f"{test.__name__}: {type(err).__name__}: {err} for {str(value)[:100]}"


@pytest.mark.parametrize(
    "homework",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in ("hw5", "hw6", "hw7") else [])
        for name in COURSE.assignments
    ],
)
def test_no_answer_ends_a_test_in_an_error(homework: str) -> None:
    if homework in ("hw5", "hw6", "hw7"):
        pytest.importorskip("torch")
    assignment = COURSE.assignment(homework)
    solution = loaded(ROOT / "reference" / homework / "solution.py", f"solution_{homework}")
    found = [
        error
        for visibility in ("public", "hidden")
        for path in assignment.test_files(visibility)
        for name, test in list(vars(loaded(path, f"{homework}_{path.stem}")).items())
        if name.startswith("test_") and "quiz" not in inspect.signature(test).parameters
        for error in errors(test, solution, public=visibility == "public")
    ]
    assert not found, "\n".join(found[:20])
