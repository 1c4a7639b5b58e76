"""Brings a worker back to how it was before the submission was loaded, for the next test.

A process forked for every test is the cleanest state, and where a class is graded the forks cost
more than all else. Here what student code changes without meaning harm is put back: modules and
their names, numpy's and torch's settings, warnings, the environment, the working folder. Where
that cannot be done (a thread still runs) the worker says so and is replaced.
"""

from __future__ import annotations

import builtins
import functools
import gc
import math
import os
import random
import shutil
import sys
import threading
import warnings
from types import ModuleType
from typing import Any

import numpy as np

from grader.worker.gpu import flags

# whose names are put back; others keep what was done to them
_GUARDED = (builtins, math, random, os, np, np.random, np.linalg)
_GUARDED_TORCH = ("torch", "torch.nn", "torch.nn.functional", "torch.optim")


Names = list[tuple[ModuleType, dict[str, Any]]]


@functools.cache
def loaded() -> tuple[Names, dict[str, ModuleType]]:
    """The guarded modules' names and all modules, as they are when this is first called.

    A template calls it before it forks: the copies touch hundreds of pages, and those that a
    worker touches it must copy first, which takes a millisecond.
    """
    modules = [*_GUARDED, *(sys.modules[n] for n in _GUARDED_TORCH if n in sys.modules)]
    return [(module, dict(module.__dict__)) for module in modules], dict(sys.modules)


class Baseline:
    """The state at the time it is made; `restore` brings it back."""

    def __init__(self) -> None:
        self._names, self._modules = loaded()
        self._folder = os.getcwd()
        self._environment = dict(os.environ)
        self._path = list(sys.path)
        self._streams = sys.stdout, sys.stderr, sys.stdin
        self._filters = list(warnings.filters)
        self._recursion = sys.getrecursionlimit()
        self._errors = np.geterr()
        self._print = np.get_printoptions()
        self._torch = _torch_settings()

    def restore(self, module: str) -> bool:
        """Put everything back; False where something of the last test still runs."""
        sys.settrace(None)
        sys.setprofile(None)
        if threading.active_count() > 1:
            return False
        for owner, names in self._names:
            owner.__dict__.update(names)  # to look for what has changed takes three times as long
        sys.stdout, sys.stderr, sys.stdin = self._streams
        os.chdir(self._folder)
        self._forget_modules(module)
        sys.path[:] = self._path
        if dict(os.environ) != self._environment:
            os.environ.clear()
            os.environ.update(self._environment)
        warnings.filters[:] = self._filters  # type: ignore[index]
        sys.setrecursionlimit(self._recursion)
        np.seterr(**self._errors)
        np.set_printoptions(**self._print)
        _set_torch(self._torch)
        _empty(self._folder)
        gc.enable()
        gc.collect()
        return True

    def _forget_modules(self, module: str) -> None:
        """The submission, the modules beside it that it imported, and what it put for others."""
        for name in [name for name in sys.modules if name not in self._modules]:
            origin = getattr(sys.modules[name], "__file__", None)
            if name == module or (origin and str(origin).startswith(self._folder + os.sep)):
                del sys.modules[name]
        sys.modules.update(self._modules)
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")


# how to ask for a setting of torch's and how to change it, which can cost an import of a second
_TORCH_SETTINGS = {
    "get_default_dtype": "set_default_dtype",
    "is_grad_enabled": "set_grad_enabled",
    "get_num_threads": "set_num_threads",
    "are_deterministic_algorithms_enabled": "use_deterministic_algorithms",
}


def _torch_settings() -> dict[str, Any]:
    torch = sys.modules.get("torch")
    return {} if torch is None else {ask: getattr(torch, ask)() for ask in _TORCH_SETTINGS}


def _set_torch(settings: dict[str, Any]) -> None:
    torch = sys.modules.get("torch")
    for ask, value in settings.items():
        if getattr(torch, ask)() != value:
            getattr(torch, _TORCH_SETTINGS[ask])(value)
    if torch is not None and torch.cuda.is_initialized():
        for owner, flag, wanted in flags():
            setattr(owner, flag, wanted)


def _empty(folder: str) -> None:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            os.unlink(entry.path)
