"""The same twelve tests over the same class by each tool, two processes each, in one run.

A tool that cannot be installed or run is skipped with a word. A tool that grades wrongly is said
to. Ours is timed whole: the command, its start, the sandbox's check of itself, the gradebook.

Run: benchmarks/other_tools/install.sh; python -m benchmarks.other_tools.compare
     [--submissions 200] [--slow 16] [--only TOOL ...]   (--slow: for tools that take seconds each)
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import machine, percentile, table
from benchmarks.other_tools.submissions import hand_ins
from benchmarks.other_tools.tools import LANES, TOOLS, Command, Skipped, Tool, run
from benchmarks.processes import Meter, adopt_orphans, children_cpu_s

SLOW = {"otter run", "nbgrader autograde"}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """`each_s` are the times of single submissions, where the tool has a command for each."""

    count: int
    seconds: float
    cpu_s: float
    peak_mb: float
    each_s: list[float]
    wrong: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=200, help="for ours; the fast: half")
    parser.add_argument("--slow", type=int, default=16, help="submissions for the slow tools")
    parser.add_argument("--only", nargs="+", metavar="TOOL", help="compare ours with these alone")
    options = parser.parse_args()
    adopt_orphans()
    print(machine())
    print(f"12 tests, a mix of right and wrong submissions, {LANES} processes each")
    found: dict[str, Measured] = {}
    for tool in TOOLS:
        if options.only and tool is not TOOLS[0] and tool.name not in options.only:
            continue
        count = options.submissions if tool is TOOLS[0] else options.submissions // 2
        count = min(count, options.slow) if tool.name in SLOW else count
        try:
            found[tool.name] = measure(tool, count)
        except Skipped as err:
            print(f"skipped {tool.name}: {err}", flush=True)
        else:
            took = found[tool.name].seconds
            print(f"{tool.name}: {count} submissions in {took:.1f} s", flush=True)
    ours = found[TOOLS[0].name]
    head = ("tool", "n", "submissions/s", "ours faster", "CPU/subm.", "theirs/ours")
    head += ("p50", "p95", "peak RSS", "graded right")
    print(table(head, [row(name, each, ours) for name, each in found.items()]))
    print("p50 and p95: one command's time; grader batch's from its records, nbgrader has none")


def row(name: str, each: Measured, ours: Measured) -> tuple[str, ...]:
    cpu, ours_cpu = each.cpu_s / each.count, ours.cpu_s / ours.count
    speed = ours.count / ours.seconds / (each.count / each.seconds)
    latency = [
        f"{1e3 * percentile(each.each_s, q):.0f} ms" if each.each_s else "" for q in (0.5, 0.95)
    ]
    return (
        name,
        str(each.count),
        f"{each.count / each.seconds:.2f}",
        f"{speed:.1f} x",
        f"{1e3 * cpu:.0f} ms",
        f"{cpu / ours_cpu:.1f} x",
        *latency,
        f"{each.peak_mb:.0f} MB",
        f"{each.count - each.wrong}/{each.count}",
    )


def measure(tool: Tool, count: int) -> Measured:
    """Run the tool's lanes at once over `count` submissions."""
    class_ = hand_ins(count)
    with tempfile.TemporaryDirectory(prefix="compare-") as name:
        folder = Path(name)
        lanes = tool.prepare(folder, class_)
        meter = Meter()
        bury()
        before = children_cpu_s()
        started = time.monotonic()
        try:
            with ThreadPoolExecutor(len(lanes)) as pool:
                done = [pair for pairs in pool.map(run_lane, lanes) for pair in pairs]
            seconds = time.monotonic() - started
            bury()
            cpu_s = children_cpu_s() - before
        finally:
            samples = meter.stop()
        scores = tool.scores(folder, [output for output, _ in done])
    each_s = [took for _, took in done] if len(done) == count else durations(done[0][0])
    wrong = sum(scores.get(student) != score for student, (_, score) in class_.items())
    own = min(sample["main"] for sample in samples)  # this process is no part of the tool
    peak = max(sample["rss"] for sample in samples) - own
    return Measured(
        count=count, seconds=seconds, cpu_s=cpu_s, peak_mb=peak, each_s=each_s, wrong=wrong
    )


def run_lane(lane: list[Command]) -> list[tuple[str, float]]:
    """Output and seconds of each command; Skipped where one cannot be run."""
    done = []
    for command in lane:
        started = time.monotonic()
        result = run(command)
        if result.returncode:
            last = (result.stderr.strip() or "no output").splitlines()[-1]
            raise Skipped(f"exit code {result.returncode}: {last}")
        done.append((result.stdout, time.monotonic() - started))
    return done


def durations(output: str) -> list[float]:
    """What `grader batch --json-lines` says each submission took; nothing for other outputs."""
    lines = [line for line in output.splitlines() if line.startswith("{")]
    return [json.loads(line)["duration_s"] for line in lines]


def bury() -> None:
    """Wait for the orphans that came to this process: their time is counted when they are."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        pid, status = 0, None
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] == "Z" and int(fields[1]) == os.getpid():
                pid, status = os.waitpid(int(path.parent.name), os.WNOHANG)
        if not pid and status is None:
            time.sleep(0.2)
            return


if __name__ == "__main__":
    main()
