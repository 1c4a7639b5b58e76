"""The code that audits append to a solution, run here as the worker runs it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from grader.audit.garbage import KINDS, MISCALLED, MISSING, TENSORS
from grader.audit.inside import spoil, with_code

SOLUTION = """
np = 'a name of its own'

def double(x):
    return 2 * x

def twice(x):
    return double(double(x))

class Counter:
    def __init__(self, n=0):
        self.n = n

    def count(self, by):
        self.n += by
        return self.n

class Point:
    def __init__(self, x):
        self.x = x

limit = 3
"""


def run(file: str, function: str, *args: Any) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "solution"}
    exec(compile(with_code(SOLUTION, file, function, *args), "<solution>", "exec"), space)
    return space


def spoiled(export: str, part: str, kind: str) -> dict[str, Any]:
    return run("spoil.py", "spoil", export, part, kind)


def test_there_is_garbage_of_every_kind() -> None:
    assert set(spoil.GARBAGE) == {*KINDS, *TENSORS}
    assert (spoil.MISSING, spoil.MISCALLED) == (MISSING, MISCALLED)


def test_a_function_gives_garbage_and_the_names_stay() -> None:
    space = spoiled("double", "methods", "a text")
    assert space["double"](1, key=2) == "garbage"
    assert space["np"] == "a name of its own"
    assert set(space) - {"__builtins__", "_audit"} <= {
        "__name__", "np", "double", "twice", "Counter", "Point", "limit"
    }  # fmt: skip


def test_methods_give_garbage_and_the_attributes_stay() -> None:
    counter = spoiled("Counter", "methods", "None")["Counter"](5)
    assert counter.n == 5
    assert counter.count(1) is None


def test_attributes_are_garbage_and_the_methods_stay() -> None:
    counter = spoiled("Counter", "attributes", "a text")["Counter"](5)
    assert counter.n == "garbage"
    with pytest.raises(TypeError):
        counter.count(1)


def test_of_a_class_without_methods_the_attributes_are_spoiled() -> None:
    assert spoiled("Point", "methods", "a text")["Point"](1).x == "garbage"


def test_a_call_of_the_wrong_form_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        spoiled("double", "methods", MISCALLED)["double"](1)


def test_a_plain_value_is_replaced_or_taken_away() -> None:
    assert spoiled("limit", "methods", "a text")["limit"] == "garbage"
    assert "limit" not in spoiled("limit", "methods", MISSING)


def keys_of(capsys: pytest.CaptureFixture[str], call: Any) -> list[str]:
    space = run("lookup.py", "watch", ["double", "twice", "Counter", "limit"])
    capsys.readouterr()
    call(space)
    return re.findall("~(.*)~", capsys.readouterr().out)


def test_a_call_has_one_key_and_inner_calls_have_none(capsys: pytest.CaptureFixture[str]) -> None:
    once = keys_of(capsys, lambda space: space["twice"](np.ones(3)))
    assert len(once) == 1
    assert once == keys_of(capsys, lambda space: space["twice"](np.ones(3)))
    assert once != keys_of(capsys, lambda space: space["twice"](np.ones(4)))
    assert once != keys_of(capsys, lambda space: space["double"](np.ones(3)))


def test_calls_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    space = run("lookup.py", "watch", ["double", "twice", "Counter", "limit"])
    space["twice"](1)
    space["Counter"](1).count(2)
    names = re.findall("@(.*)@", capsys.readouterr().out)
    assert names == ["twice", "Counter.__init__", "Counter.count"]


def test_only_learned_calls_are_answered(capsys: pytest.CaptureFixture[str]) -> None:
    def calls(space: dict[str, Any]) -> None:
        space["double"](4)
        counter = space["Counter"](1)
        counter.count(2)

    keys = keys_of(capsys, calls)
    space = run("lookup.py", "answer_only", ["double", "twice", "Counter", "limit"], keys)
    assert space["double"](4) == 8
    assert space["limit"] is None
    counter = space["Counter"](1)
    assert counter.count(2) == 3
    for call in (
        lambda: space["double"](5),
        lambda: space["twice"](4),
        lambda: counter.count(2),  # its state is another one now
        lambda: space["Counter"](2),
    ):
        with pytest.raises(LookupError):
            call()


def test_a_deep_or_endless_object_has_a_key_soon(capsys: pytest.CaptureFixture[str]) -> None:
    ring: list[Any] = [1]
    ring.append(ring)
    chain: list[Any] = []
    for _ in range(50_000):
        chain = [chain]
    assert len(keys_of(capsys, lambda space: space["double"](ring))) == 1
    assert len(keys_of(capsys, lambda space: space["double"](chain))) == 1
