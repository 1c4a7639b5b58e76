"""An optional control group for a template and all its workers: memory and tasks together.

Only where the groups can be written (root, as a rule). Off by default: joining costs 20 ms or more,
once a template, and the limits of each worker hold without it. Each function takes the mount point.
"""

from __future__ import annotations

import contextlib
import os

from grader.sandbox.limits import MIB

ROOT = "/sys/fs/cgroup"
TASKS = 1024


def join(memory_mb: int, root: str = ROOT) -> tuple[str, ...]:
    """Makes groups of `memory_mb` MiB and TASKS tasks and moves this process into them.

    The folders made, for `leave`. Raises OSError, with nothing left behind.
    """
    name = f"grader-{os.getpid()}"
    if os.path.exists(f"{root}/cgroup.controllers"):  # version 2: one tree for all
        limits = {"memory.max": memory_mb * MIB, "memory.swap.max": 0, "pids.max": TASKS}
        wanted = {f"{root}/{name}": limits}
    else:
        wanted = {
            f"{root}/memory/{name}": {"memory.limit_in_bytes": memory_mb * MIB},
            f"{root}/pids/{name}": {"pids.max": TASKS},
        }
    made: list[str] = []
    try:
        for folder, settings in wanted.items():
            os.mkdir(folder)
            made.append(folder)
            for file, value in settings.items():
                _write(f"{folder}/{file}", value)
        for folder in made:
            _write(f"{folder}/cgroup.procs", os.getpid())
    except OSError:
        leave(tuple(made))
        raise
    return tuple(made)


def leave(folders: tuple[str, ...]) -> None:
    """Moves this process back to the groups' parents and removes the groups."""
    for folder in folders:
        with contextlib.suppress(OSError):
            _write(f"{os.path.dirname(folder)}/cgroup.procs", os.getpid())
        with contextlib.suppress(OSError):
            os.rmdir(folder)


def _write(path: str, value: int) -> None:
    """Writes to a file of the kernel's, which is never made."""
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, str(value).encode())
    finally:
        os.close(fd)
