"""A process and all below it, read from /proc (Linux): processor time, memory, descriptors.

A `Meter` samples memory from a process of its own, so that what is measured does not measure.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

TICKS_A_S = os.sysconf("SC_CLK_TCK")
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / (1 << 20)
PR_SET_CHILD_SUBREAPER = 36
ROLES = ("main", "judges", "templates", "workers")


@dataclass(frozen=True, kw_only=True)
class Process:
    """One process; `depth` is 0 for the one asked about, and `dead_s` what its dead children used.

    `cpu_s` and `dead_s` are seconds, user and system together.
    """

    pid: int
    depth: int
    state: str
    started: int
    cpu_s: float
    dead_s: float
    rss_mb: float

    @property
    def role(self) -> str:
        """A batch is main -> judges -> templates -> workers (and what those start)."""
        return ROLES[min(self.depth, len(ROLES) - 1)]


def tree(root: int) -> list[Process]:
    """`root` and its descendants, zombies too."""
    rows: dict[int, tuple[int, list[str]]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                fields = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
                rows[int(entry.name)] = (int(fields[1]), fields)
    found, level, depth = [], [root], 0
    while level:
        for pid in level:
            if pid in rows:
                f = rows[pid][1]  # f[0] is field 3 of proc(5), the state
                found.append(
                    Process(
                        pid=pid,
                        depth=depth,
                        state=f[0],
                        started=int(f[19]),
                        cpu_s=(int(f[11]) + int(f[12])) / TICKS_A_S,
                        dead_s=(int(f[13]) + int(f[14])) / TICKS_A_S,
                        rss_mb=int(f[21]) * PAGE_MB,
                    )
                )
        above = set(level)
        level = [pid for pid, (parent, _) in rows.items() if parent in above]
        depth += 1
    return found


def cpu_by_role(root: int) -> dict[str, float]:
    """Seconds of processor time by role; the dead count for the role they had."""
    used = dict.fromkeys(ROLES, 0.0)
    for process in tree(root):
        used[process.role] += process.cpu_s
        used[ROLES[min(process.depth + 1, len(ROLES) - 1)]] += process.dead_s
    return used


def children_cpu_s() -> float:
    """What this process' children have used, of those that ended and were waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def own_pss_mb(pid: int) -> float:
    """Memory of a process with shared pages divided among those that share them; 0 if gone."""
    with contextlib.suppress(OSError, IndexError):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(text.split("\nPss:")[1].split()[0]) / 1024
    return 0.0


def descriptors() -> dict[str, int]:
    """How many open descriptors this process has, by what they are."""
    counts: dict[str, int] = {}
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            kind = os.readlink(f"/proc/self/fd/{name}").partition(":[")[0]
            counts[kind] = counts.get(kind, 0) + 1
    return counts


def adopt_orphans() -> None:
    """From now on what loses its parent below this process becomes its child: none gets lost."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Meter:
    """Samples the memory of this process' tree from its start until `stop`."""

    def __init__(self, interval_s: float = 0.5) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.processes", str(os.getpid()), str(interval_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).resolve().parents[1],
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()  # it has begun

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> list[dict[str, float]]:
        """The samples: `at` (time.time), MB of RSS by role, their sum `rss`, now and then `pss`."""
        # told, not by closing the pipe: processes forked since then hold copies of its end
        out, _ = self._process.communicate(b"stop")
        return [json.loads(line) for line in out.splitlines()]


def sample_until_told(root: int, interval_s: float) -> None:
    """The meter's process: a line for each sample when its standard input is closed."""
    print("begun", flush=True)
    samples: list[dict[str, float]] = []
    while not select.select([0], [], [], interval_s)[0]:
        sample = {"at": time.time(), **dict.fromkeys(ROLES, 0.0)}
        processes = [p for p in tree(root) if p.pid != os.getpid()]
        for process in processes:
            sample[process.role] += process.rss_mb
        sample["rss"] = sum(sample[role] for role in ROLES)
        if len(samples) % 10 == 0:
            sample["pss"] = sum(own_pss_mb(process.pid) for process in processes)
        samples.append(sample)
    for sample in samples:
        print(json.dumps(sample))


if __name__ == "__main__":
    sample_until_told(int(sys.argv[1]), float(sys.argv[2]))
