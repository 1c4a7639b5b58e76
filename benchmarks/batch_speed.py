"""A class of homework 3 graded by `grader batch`'s engine: how fast, at what cost, and why.

Two classes: everybody handed in the reference; and a mix of the reference, the other correct
solutions and the bank of wrong ones. Beside them bare pytest, two processes, one submission each.

Run: python -m benchmarks.batch_speed [--submissions 300] [--judges 2] [--bare 20]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from benchmarks.figures import machine, percentile, quarters, table
from benchmarks.processes import ROLES, Meter, children_cpu_s, cpu_by_role
from grader.batch.grading import Event, Tally, grade_class
from grader.batch.local import LocalEngine
from grader.course.bank import correct_solutions, solution_source, wrong_solutions
from grader.course.manifest import Assignment, find_course
from grader.discover import discover
from grader.gradebook import open_gradebook
from grader.judge.backend import Backend, open_backend
from grader.judge.run import Settings
from grader.judge.session import Session
from grader.submission import load_submission

ROOT = Path(__file__).resolve().parents[1]
HOMEWORK = "hw3"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One class graded. Seconds; `window_s` leaves out the start, `cpu_s` is by role in it."""

    graded: int
    rate: float
    total_s: float
    window_s: float
    latencies: list[float]
    cpu_s: dict[str, float]
    graded_in_window: int
    samples: list[dict[str, float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=300)
    parser.add_argument("--judges", type=int, default=2)
    parser.add_argument("--bare", type=int, default=20, help="submissions for bare pytest; 0: none")
    options = parser.parse_args()
    assignment = find_course(ROOT).assignment(HOMEWORK)
    print(machine())
    print(f"{HOMEWORK}, {len(assignment.tests)} tests, {options.judges} judges")
    reference = solution_source(assignment)
    others = [s.source for s in correct_solutions(assignment)]
    wrong = [s.source for s in wrong_solutions(assignment)]
    mix = [reference, *others, *wrong]
    rates, cpus = {}, {}
    for name, sources in (("reference only", [reference]), ("mixed", spread(mix))):
        measured = measure(assignment, sources, options.submissions, options.judges)
        rates[name] = measured.rate
        cpus[name] = sum(measured.cpu_s.values()) / measured.graded_in_window
        show(f"{name}: {len(sources)} different sources", measured, options.judges)
    fork_costs(assignment)
    if options.bare:
        bare, cpu = bare_pytest(assignment, reference, options.bare, options.judges)
        print(f"\nbare pytest, {options.judges} processes, reference: {bare:.2f}/s, ", end="")
        print(f"{1e3 * cpu:.0f} ms of processor time each")
        for name, rate in rates.items():
            print(f"  ours, {name}: {rate / bare:.1f} times as fast, ", end="")
            print(f"{cpu / cpus[name]:.1f} times less processor time")


def spread(sources: list[str]) -> list[str]:
    """The sources in an order that mixes fast and slow ones, the same each time."""
    return sorted(sources, key=lambda source: hash_of(source))


def hash_of(source: str) -> int:
    import zlib

    return zlib.crc32(source.encode())


def write_class(folder: Path, sources: list[str], count: int) -> None:
    """`count` students' folders with the sources in turn; no two files are the same."""
    for number, source in enumerate(islice(cycle(sources), count)):
        student = folder / f"s{number:05d}"
        student.mkdir(parents=True)
        (student / f"{HOMEWORK}.py").write_text(f"{source}\n# student {number}\n", "utf-8")


def measure(assignment: Assignment, sources: list[str], count: int, judges: int) -> Measured:
    """Grade `count` submissions into a new gradebook."""
    settings = Settings(assignment=assignment, reuse_workers=True, require_isolation=3)
    warm_up = 4 * judges  # submissions that are graded while everything starts
    latencies: list[float] = []
    clock: dict[str, float] = {}
    before: dict[str, float] = {}

    def on_event(event: Event, tally: Tally) -> None:
        assert event.how == "graded", event
        if tally.done == warm_up:
            clock["warm"] = time.monotonic()
            before.update(cpu_by_role(os.getpid()))
        if tally.done > warm_up:
            latencies.append(event.duration_s)

    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        work = Path(name)
        write_class(work / "class", sources, count + warm_up)
        found = discover(work / "class", assignment.id, assignment.module, work).found
        started = time.monotonic()
        engine = LocalEngine(settings, judges=judges)
        meter = Meter()
        try:
            with open_gradebook(str(work / "grades.db")) as book:
                tally = grade_class(settings, found, book, engine, "benchmark", on_event)
            ended = time.monotonic()
            after = cpu_by_role(os.getpid())
            samples = meter.stop()
        finally:
            engine.close()
    window_s = ended - clock["warm"]
    return Measured(
        graded=tally.done,
        rate=count / window_s,
        total_s=ended - started,
        window_s=window_s,
        latencies=latencies,
        cpu_s={role: after[role] - before[role] for role in ROLES},
        graded_in_window=count,
        samples=samples,
    )


def show(title: str, found: Measured, judges: int) -> None:
    n = found.graded_in_window
    cpu = sum(found.cpu_s.values())
    print(f"\n{title}, {found.graded} graded in {found.total_s:.1f} s, start included")
    print(f"  sustained          {found.rate:.1f} submissions/s")
    p50, p95 = percentile(found.latencies, 0.5), percentile(found.latencies, 0.95)
    print(f"  latency            p50 {1e3 * p50:.0f} ms, p95 {1e3 * p95:.0f} ms")
    print(f"  processor time     {1e3 * cpu / n:.0f} ms per submission")
    peak = max(found.samples, key=lambda s: s["rss"])
    pss = max(s["pss"] for s in found.samples if "pss" in s)
    print(f"  peak memory        {peak['rss']:.0f} MB (RSS summed), {pss:.0f} MB shared pages once")
    kept = [(s["at"], s["rss"] - s["workers"]) for s in found.samples if s["templates"]]
    early, late = quarters(kept)
    print(f"  memory over time   last quarter / first quarter {late / early:.3f}")
    spent = judges * found.window_s
    rows = [
        (role, f"{1e3 * s / n:.0f} ms", f"{100 * s / spent:.0f} %", f"{peak[role]:.0f} MB")
        for role, s in found.cpu_s.items()
    ]
    rest = spent - cpu
    rows.append(("waiting", f"{1e3 * rest / n:.0f} ms", f"{100 * rest / spent:.0f} %", ""))
    head = ("where it goes", "CPU/submission", f"of {judges} judges' time", "at the peak")
    print(table(head, rows))


def fork_costs(assignment: Assignment, count: int = 100) -> None:
    """Until a worker has the submission loaded: a fresh one, and one that is used again."""
    submission = load_submission(ROOT / "reference" / HOMEWORK / "solution.py", assignment.module)
    settings = Settings(assignment=assignment, reuse_workers=True)
    fresh, again = [], []
    with contextlib.closing(open_backend(settings)) as backend:
        level = backend.isolation["level"]
        assert isinstance(backend, Backend)
        for _ in range(count):
            session = Session(backend.spawn, submission, HOMEWORK, assignment.limits, 0, reuse=True)
            for times in (fresh, again):
                started = time.perf_counter()
                session.begin()
                times.append(time.perf_counter() - started)
                session.end()
            session.close()
    a, b = 1e3 * statistics.median(fresh), 1e3 * statistics.median(again)
    print(f"\na worker with the submission loaded, at level {level}: ", end="")
    print(f"forked {a:.1f} ms, used again {b:.1f} ms (medians of {count})")


def bare_pytest(
    assignment: Assignment, source: str, count: int, processes: int
) -> tuple[float, float]:
    """Plain pytest on the same tests, a process for each submission: rate in 1/s, CPU s of one."""
    files = [str(f) for v in ("public", "hidden") for f in assignment.test_files(v)]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "benchmarks.bare_plugin"]
    command += ["-c", os.devnull, "--rootdir", str(ROOT), "--import-mode=importlib", *files]
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        write_class(Path(name), [source], count)

        def one(student: Path) -> None:
            environment = {
                **os.environ,
                "BARE_SUBMISSION": str(student / f"{HOMEWORK}.py"),
                "BARE_HOMEWORK": HOMEWORK,
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
            }
            subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=environment)

        started, used = time.monotonic(), children_cpu_s()
        with ThreadPoolExecutor(processes) as pool:
            list(pool.map(one, sorted(Path(name).iterdir())))
        return count / (time.monotonic() - started), (children_cpu_s() - used) / count


if __name__ == "__main__":
    main()
