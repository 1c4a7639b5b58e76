"""What the kernel tells of a worker from outside: waiting, size, children (from /proc)."""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path

NANOSECONDS = 1e-9
MAX_COUNTS = 1024  # bytes of a file that is one line


class _Counts:
    """A file of the kernel's about one process or thread, opened once and read again and again.

    OSError where there is none, and once the process is gone: it never tells of another one.
    """

    def __init__(self, path: str) -> None:
        self._fd = -1
        if not hasattr(os, "pread"):  # Windows, which has no such file either
            raise FileNotFoundError(path)
        self._fd = os.open(path, os.O_RDONLY)

    def read(self) -> bytes:
        return os.pread(self._fd, MAX_COUNTS, 0)

    def __del__(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)


class _Own(threading.local):
    """The counts of each thread that asked for its own; `thread` tells a forked copy of one."""

    thread = -1
    counts: _Counts


_OWN = _Own()


def waited_s() -> float:
    """Seconds that the calling thread was ready to run and had no core, all in all.

    0 where the system does not say (not Linux).
    """
    try:
        if _OWN.thread != threading.get_native_id():
            _OWN.counts = _Counts("/proc/thread-self/schedstat")
            _OWN.thread = threading.get_native_id()
        return _waited_s(_OWN.counts.read())
    except (OSError, IndexError, ValueError):
        return 0.0


def _waited_s(schedstat: bytes) -> float:
    """See "schedstat" in the kernel's Documentation/scheduler/sched-stats.rst."""
    return int(schedstat.split()[1]) * NANOSECONDS


@dataclass(frozen=True)
class Share:
    """What a process had of the machine: seconds that it waited for a core, and that it ran.

    Not `known` where the system does not say (not Linux, or the process is gone).
    """

    waited_s: float = 0.0
    ran_s: float = 0.0
    known: bool = False


class ShareMeter:
    """Reads the share of one process, again and again; none where `pid` is None or gone."""

    def __init__(self, pid: int | None) -> None:
        self._files: tuple[_Counts, _Counts] | None = None
        if pid is not None:
            with contextlib.suppress(OSError):
                self._files = _Counts(f"/proc/{pid}/stat"), _Counts(f"/proc/{pid}/schedstat")

    def now(self) -> Share:
        """Its main thread's waiting so far, and what all of its threads ran."""
        if self._files is None:
            return Share()
        stat, schedstat = self._files
        try:
            fields = stat.read().rpartition(b")")[2].split()
            ran_s = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            return Share(_waited_s(schedstat.read()), ran_s, known=True)
        except (OSError, IndexError, ValueError):
            return Share()


def share_of(pid: int) -> Share:
    """The share of the process `pid`, asked for once."""
    return ShareMeter(pid).now()


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
