"""The modules whose names are put back: what a submission did to `numpy` ends with its test.

Each page that a forked worker writes to is copied first, at the cost of several microseconds, and
to look at an object is to write to its reference count: to compare thousands of names costs as much
as a fifth of a fork. So a template makes its modules note what is set in them.
"""

from __future__ import annotations

import builtins
import functools
import itertools
import math
import os
import random
import sys
from types import ModuleType
from typing import Any, NoReturn

import numpy as np

# whose names are put back; others keep what was done to them
_GUARDED = (builtins, math, random, os, np, np.random, np.linalg)
_GUARDED_TORCH = ("torch", "torch.nn", "torch.nn.functional", "torch.optim")


class Noting(ModuleType):
    """A module that notes which names were set in it or deleted.

    It goes by the name of `module`, in messages too; only `type(np) is types.ModuleType` tells.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        _NOTED.add((self, name))
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        _NOTED.add((self, name))
        super().__delattr__(name)

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("cannot pickle 'module' object")  # as of any module


Noting.__name__ = Noting.__qualname__ = "module"
Noting.__module__ = "builtins"
_NOTED: set[tuple[ModuleType, str]] = set()


@functools.cache
def names() -> list[tuple[ModuleType, dict[str, Any]]]:
    """The guarded modules and their names, as they are when this is first called."""
    modules = [*_GUARDED, *(sys.modules[n] for n in _GUARDED_TORCH if n in sys.modules)]
    return [(module, dict(module.__dict__)) for module in modules]


@functools.cache
def modules() -> dict[str, ModuleType]:
    """All modules that are loaded when this is first called."""
    return dict(sys.modules)


def take_down() -> None:
    """Take the names and modules down as they are, if that is not done yet."""
    names()
    modules()


def note_changes() -> None:
    """In a template: take names and modules down, and have what is set from now on noted."""
    take_down()
    for module, _ in names():
        if type(module) is ModuleType:
            module.__class__ = Noting


def put_names_back() -> None:
    """What had a name has it again; names that were added stay, as those of lazy imports must."""
    noted = list(_NOTED)
    _NOTED.clear()
    for module, known in names():
        changed = known
        if type(module) is Noting:
            changed = {n: known[n] for owner, n in noted if owner is module and n in known}
        module.__dict__.update(changed)


def forget_modules(module: str, folder: str) -> None:
    """Forget the submission, the modules of `folder` that it imported, what it put for others."""
    for name in _added():
        origin = getattr(sys.modules[name], "__file__", None)
        if name == module or (origin and str(origin).startswith(folder + os.sep)):
            del sys.modules[name]


def _added() -> list[str]:
    """The names of modules that were added, once all others are what they were.

    They are the last ones, unless one was deleted; and whoever puts another module in the place of
    one does it to one that counts.
    """
    known = modules()
    count = len(sys.modules) - len(known)
    last = list(itertools.islice(reversed(sys.modules), max(count, 0) + 1))
    in_place = all(sys.modules.get(module.__name__) is module for module, _ in names())
    if count < 0 or last[-1] != _last_known() or not in_place:
        sys.modules.update(known)
        return [name for name in sys.modules if name not in known]
    return last[:-1]


@functools.cache
def _last_known() -> str:
    return next(reversed(modules()))
