"""How long a process has waited for a core: on a busy machine that time is not the student's."""

from __future__ import annotations

import os
from pathlib import Path

NANOSECONDS = 1e-9


def waited_s(process: int | str = "thread-self") -> float:
    """Seconds that the main thread of `process` was ready to run and had no core, all in all.

    By default the calling thread. 0 where the system does not say (not Linux, or it is gone).
    See "schedstat" in the kernel's Documentation/scheduler/sched-stats.rst.
    """
    try:
        return int(Path(f"/proc/{process}/schedstat").read_bytes().split()[1]) * NANOSECONDS
    except (OSError, IndexError, ValueError):
        return 0.0


def process_of(pidfd: int) -> int | None:
    """The process id, as this process sees it, behind a descriptor; None where it is gone."""
    try:
        lines = Path(f"/proc/{os.getpid()}/fdinfo/{pidfd}").read_text().splitlines()
    except OSError:
        return None
    found = next((int(line.split()[1]) for line in lines if line.startswith("Pid:")), -1)
    return found if found > 0 else None
