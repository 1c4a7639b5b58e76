"""Resource limits of a worker: memory, processor time, files, threads; setrlimit only.

Imports where `resource` is absent (Windows), where it applies nothing.
"""

from __future__ import annotations

import math
import os
import sys

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

from grader.sandbox.policy import Policy

MIB = 2**20
STACK_BYTES = 8 * MIB
MEMLOCK_BYTES = 64 * 1024
CORE_BYTES = 1  # no core file, and not even a dump to a program: 0 allows that (core(5))
# macOS does not enforce AS, refuses STACK, and counts all of a user's processes in NPROC.
LINUX_ONLY = frozenset({"AS", "STACK", "NPROC"})
GPU_FILES = 1024  # a CUDA context opens dozens of devices and events
THREADS = 8  # a worker's threads, beside its processes, where its policy says no more
# Linux counts threads per user. Where a worker shares its user with other programs, its limit is
# what they had when counted plus this much room for them to grow.
ROOM_FOR_OTHERS = 1024


def tasks_of_user(uid: int) -> int:
    """How many threads run as `uid`, counted in /proc; 0 where /proc cannot be read."""
    count = 0
    for name in os.listdir("/proc") if os.path.isdir("/proc/self/task") else []:
        try:
            if name.isdigit() and os.stat(f"/proc/{name}").st_uid == uid:
                count += len(os.listdir(f"/proc/{name}/task"))
        except OSError:  # it ended meanwhile
            continue
    return count


def constant_limits(policy: Policy) -> dict[str, int]:
    """Limits that a template can set for itself too, for its workers to inherit.

    Limit name (RLIMIT_ without the prefix) to value.
    """
    limits = {
        "CORE": CORE_BYTES,
        "FSIZE": policy.scratch_mb * MIB,
        "STACK": STACK_BYTES,
        "MSGQUEUE": 0,
        "SIGPENDING": 256,
    }
    return limits if policy.gpu else limits | {"MEMLOCK": MEMLOCK_BYTES}


def worker_limits(
    policy: Policy, *, size_bytes: int | None, other_tasks: int, used_cpu_s: float = 0.0
) -> dict[str, int]:
    """Limits of a worker beside the constant ones.

    `size_bytes` is the address space the template uses already (None: not known, no limit on it),
    `other_tasks` the threads of the worker's user that are not the worker's, `used_cpu_s` what this
    process used before it became a worker.
    """
    limits = {
        "CPU": max(1, math.ceil(policy.cpu_s + used_cpu_s)),
        "NOFILE": max(policy.max_open_files, GPU_FILES) if policy.gpu else policy.max_open_files,
        "NPROC": other_tasks + policy.processes + max(THREADS, policy.threads),
    }
    if size_bytes is not None and not policy.gpu:
        limits["AS"] = size_bytes + policy.memory_mb * MIB
    return limits


def apply_limits(limits: dict[str, int]) -> None:
    """Sets each limit for this process for ever, never above what it is now."""
    if resource is None:
        return
    for name, wanted in limits.items():
        number = getattr(resource, f"RLIMIT_{name}", None)
        if number is None or (sys.platform != "linux" and name in LINUX_ONLY):
            continue
        try:
            resource.setrlimit(number, (wanted, wanted))
        except ValueError:  # above a hard limit that was lower already
            hard = resource.getrlimit(number)[1]
            resource.setrlimit(number, (hard, hard))
