"""Tests that need nothing of pytest but to be found: functions of our own fixtures only.

Most tests are. pytest's protocol for fixtures and hooks takes longer than such a test's own lines,
so the test is simply called. Whatever else a test asks for (a fixture of its file's, parameters,
marks, a class, set-up functions), pytest runs it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class PlainTest:
    """A test's function, and for each of its arguments what gives its value."""

    function: Callable[..., Any]
    fixtures: Mapping[str, Callable[[], Any]]

    def set_up(self) -> Callable[[], Any]:
        """What runs the test, with the values that its fixtures give now."""
        values = {name: fixture() for name, fixture in self.fixtures.items()}
        return functools.partial(self.function, **values)


def plain_test(item: pytest.Item, ours: Mapping[str, Callable[[], Any]]) -> PlainTest | None:
    """The test of `item` where it is a plain one; None where pytest is to run it.

    `ours` holds our fixtures by name: a test file may have another one of the same name.
    """
    if type(item) is not pytest.Function or item.cls is not None or hasattr(item, "callspec"):
        return None
    function = inspect.unwrap(item.obj)
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return None
    if any(item.iter_markers()):
        return None
    # what runs for it unasked, such as set-up functions and autouse fixtures, is named here too
    needs = item._fixtureinfo
    for name in needs.names_closure:
        found = needs.name2fixturedefs.get(name, ())
        if name not in ours or [definition.func for definition in found] != [ours[name]]:
            return None
    return PlainTest(item.obj, {name: ours[name] for name in needs.argnames})
