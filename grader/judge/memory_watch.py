"""Ends a process that grows too large, where no limit of the kernel's can be set on it."""

from __future__ import annotations

import subprocess
import threading
import time
from dataclasses import dataclass

from grader.judge.processes import innermost, resident_mb

INTERVAL_S = 0.05


@dataclass
class MemoryWatch:
    """`killed` says whether the process was ended for its size."""

    killed: bool = False


def watch_memory(process: subprocess.Popen[bytes], limit_mb: int) -> MemoryWatch:
    """Kill `process` once its worker has more than `limit_mb` in use; looks 20 times a second.

    The thread ends with the process. Where /proc is not there (not Linux), nothing is watched.
    """
    watch = MemoryWatch()

    def look() -> None:
        while process.poll() is None:
            if resident_mb(innermost(process.pid)) > limit_mb:
                watch.killed = True
                process.kill()
                return
            time.sleep(INTERVAL_S)

    threading.Thread(target=look, daemon=True, name="memory watch").start()
    return watch
