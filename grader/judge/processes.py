"""What the kernel tells of a worker from outside: waiting, size, children (from /proc)."""

from __future__ import annotations

import os
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Share:
    """What a process had of the machine: seconds that it waited for a core, and that it ran.

    Not `known` where the system does not say (not Linux, or the process is gone).
    """

    waited_s: float = 0.0
    ran_s: float = 0.0
    known: bool = False


def share_of(pid: int) -> Share:
    """Of the process `pid`: its main thread's waiting, and what all of its threads ran."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ran_s = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return Share()
    return Share(waited_s(pid), ran_s, known=True)


def process_of(pidfd: int) -> int | None:
    """The process id, as this process sees it, behind a descriptor; None where it is gone."""
    try:
        lines = Path(f"/proc/{os.getpid()}/fdinfo/{pidfd}").read_text().splitlines()
    except OSError:
        return None
    found = next((int(line.split()[1]) for line in lines if line.startswith("Pid:")), -1)
    return found if found > 0 else None


def resident_mb(pid: int) -> float:
    """MiB of memory that the process has in use; 0 where the system does not say."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
    except (OSError, IndexError, ValueError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def innermost(pid: int) -> int:
    """The last of a chain of single children, beginning with `pid`: the worker below its stub."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return pid
    return innermost(int(children[0])) if len(children) == 1 else pid
