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
THREADS = 64  # a worker's threads, beside its processes
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


def limits_for(policy: Policy, *, size_bytes: int | None, other_tasks: int) -> dict[str, int]:
    """Limit name (RLIMIT_ without the prefix) to value.

    `size_bytes` is the address space the template uses already (None: not known, no limit on it),
    `other_tasks` the threads of the worker's user that are not the worker's.
    """
    limits = {
        "CORE": 0,
        "CPU": max(1, math.ceil(policy.cpu_s)),
        "FSIZE": policy.scratch_mb * MIB,
        "NOFILE": policy.max_open_files,
        "STACK": STACK_BYTES,
        "NPROC": other_tasks + policy.processes + THREADS,
        "MSGQUEUE": 0,
        "SIGPENDING": 256,
    }
    if not policy.gpu:
        limits["MEMLOCK"] = MEMLOCK_BYTES
        if size_bytes is not None:
            limits["AS"] = size_bytes + policy.memory_mb * MIB
    return limits


def apply_limits(limits: dict[str, int]) -> None:
    """Sets each limit for this process for ever, never above what it is now."""
    if resource is None:
        return
    for name, wanted in limits.items():
        number = getattr(resource, f"RLIMIT_{name}", None)
        if number is None or (name in ("AS", "STACK") and sys.platform == "darwin"):
            continue  # macOS refuses the one and does not enforce the other
        hard = resource.getrlimit(number)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(number, (value, value))
