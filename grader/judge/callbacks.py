"""A test's function as the student's code may call it: its body runs here, in the judge.

So it gets the arguments that it cannot do without, no others, and none that could make it large.
Raises TypeError and ValueError for anything else: the caller's fault.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

# Broadcasting the arguments against each other may give this many elements, 8 MiB of float64.
MOST_ELEMENTS = 1 << 20
MOST_BITS = 64  # of an integer: 2**n of a larger one never ends, and cannot be interrupted
_PLACED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@dataclass(frozen=True)
class Needs:
    """What a function cannot do without: so many arguments in order, and those by name."""

    placed: float
    named: frozenset[str]


class Callback:
    """Calls `function` with what it needs.

    A default is the test's own, such as the list in which it counts calls; a ufunc's keywords
    (`where`, `out`, `dtype`) make it do other work than the test meant.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    @functools.cached_property
    def _needs(self) -> Needs:
        return needs_of(self._function)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) > self._needs.placed or not self._needs.named.issuperset(kwargs):
            raise TypeError("called with arguments that the function has of its own")
        check_size([*args, *kwargs.values()])
        return self._function(*args, **kwargs)


def needs_of(function: Callable[..., Any]) -> Needs:
    """Its parameters without a default; of a function in C that says nothing, all in order."""
    if isinstance(function, np.ufunc):
        return Needs(function.nin, frozenset())
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return Needs(math.inf, frozenset())
    placed = [p for p in parameters if p.kind in _PLACED]
    needed = [p for p in placed if p.default is p.empty]
    endless = len(needed) == len(placed) and any(p.kind is p.VAR_POSITIONAL for p in parameters)
    named = (p.name for p in parameters if p.kind in _NAMED and p.default is p.empty)
    return Needs(math.inf if endless else len(needed), frozenset(named))


def check_size(values: list[Any]) -> None:
    """ValueError where an operation on all of `values` together could be too much."""
    largest: list[int] = []  # the dimensions that they broadcast to, the last one first
    for value in _leaves(values):
        if type(value) is int and value.bit_length() > MOST_BITS:
            raise ValueError("an integer of too many digits")
        for i, size in enumerate(reversed(getattr(value, "shape", ()))):
            largest += [1] * (i + 1 - len(largest))
            largest[i] = max(largest[i], size)
    if math.prod(largest) > MOST_ELEMENTS:
        raise ValueError("arrays too large for a function of the test's")


def _leaves(value: Any) -> Iterator[Any]:
    """The numbers and arrays in a decoded value; its depth is bounded by the codec."""
    if type(value) in (list, tuple):
        for item in value:
            yield from _leaves(item)
    elif type(value) is dict:
        yield from _leaves(list(value.values()))
    elif type(value) is int or type(value).__module__ in ("numpy", "torch"):
        yield value
