"""What a process imports before student code comes to it.

Imports only: no torch operation, since a parent that ran a parallel one leaves forked children
hanging.
"""

from __future__ import annotations

import gc
import importlib
import sys
import threading
import time

from grader.worker.guarded import note_changes
from grader.worker.plots import stand_in

THREADS_END_S = 10.0

# what homework code imports, so that no worker spends its test on it; numpy loads parts lazily
COMMON = (
    "numpy", "numpy.random", "numpy.linalg",
    "abc", "collections", "copy", "dataclasses", "enum", "functools", "itertools", "json", "math",
    "operator", "os", "pickle", "random", "re", "string", "sys", "time", "types", "typing",
    "warnings",
)  # fmt: skip


def preload(names: list[str]) -> None:
    """Import what the homework's submissions import, so that forked workers have it already."""
    stand_in()
    for name in [*COMMON, *names]:
        importlib.import_module(name)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    _await_threads()


def _await_threads() -> None:
    """Wait for threads that an import left, as matplotlib does that builds its font cache."""
    deadline = time.monotonic() + THREADS_END_S
    while threading.active_count() > 1 and time.monotonic() < deadline:
        time.sleep(0.01)


def freeze() -> None:
    """Make ready to fork: children get what they can share, and write to as little as can be.

    The garbage collector keeps away from the pages that they share with this process.
    """
    note_changes()
    gc.collect()
    gc.freeze()
