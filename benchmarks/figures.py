"""Numbers as people read them, and the machine they come from."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Sequence
from pathlib import Path


def percentile(values: Sequence[float], q: float) -> float:
    """The value below which a share `q` of `values` lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(int(q * len(ordered)), len(ordered) - 1)]


def machine() -> str:
    """One line: date, processor, cores, memory, Python, and how busy the machine is."""
    model = "unknown processor"
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    total_kb = next((int(x.split()[1]) for x in _lines("/proc/meminfo") if "MemTotal" in x), 0)
    return (
        f"{time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}, {model}, {os.cpu_count()} cores, "
        f"{total_kb / (1 << 20):.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns set beneath each other, the first to the left, the rest to the right."""
    widths = [max(len(str(row[i])) for row in (head, *rows)) for i in range(len(head))]
    lines = []
    for row in (head, *rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join(lines)


def quarters(samples: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The medians of the first and of the last quarter of (time, value) samples, by time."""
    start, end = samples[0][0], samples[-1][0]
    early = [value for at, value in samples if at <= start + (end - start) / 4]
    late = [value for at, value in samples if at >= end - (end - start) / 4]
    return statistics.median(early), statistics.median(late)


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
