"""Brings a worker back to how it was before the submission was loaded, for the next test.

A process forked for every test is the cleanest state, and where a class is graded the forks cost
more than all else. Here what student code changes without meaning harm is put back: modules and
their names, numpy's and torch's settings, warnings, the environment, the working folder. Where
that cannot be done (a thread still runs) the worker says so and is replaced.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
import threading
import warnings
from typing import Any

import numpy as np

from grader.worker import guarded
from grader.worker.gpu import flags


class Baseline:
    """The state at the time it is made; `restore` brings it back."""

    def __init__(self) -> None:
        guarded.take_down()
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
        guarded.put_names_back()  # before what may be called by one of them
        if threading.active_count() > 1:
            return False
        sys.stdout, sys.stderr, sys.stdin = self._streams
        os.chdir(self._folder)
        guarded.forget_modules(module, self._folder)
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")
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
