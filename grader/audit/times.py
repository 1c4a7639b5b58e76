"""The reference's grading time against the homework's budget, each test's against its limit.

The whole time is that of the command as an instructor calls it, start-up included.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grader.audit.desk import Desk
from grader.audit.model import CheckResult, Finding, result
from grader.errors import CourseError

CLAIM = "grading the reference stays within its time budget, each test far below its limit"
TRIES = 3
HEADROOM = 3.0  # a correct solution may be this many times slower than the reference


def check_times(desk: Desk) -> CheckResult:
    """Takes the best of up to three tries, since another program's load is no fault."""
    assignment, limits = desk.assignment, desk.assignment.limits
    durations = {name: mark.duration_s for name, mark in desk.baseline.marks.items()}
    allowed = min(limits.wall_s, limits.cpu_s) / HEADROOM
    findings = [
        Finding(
            subject=name,
            message=f"takes {seconds:.2f} s; its limit of {limits.wall_s:g} s should be at least "
            f"{HEADROOM:g} times that",
        )
        for name, seconds in durations.items()
        if seconds > allowed
    ]
    measured: list[float] = []
    while len(measured) < TRIES and not (measured and min(measured) <= assignment.time_budget_s):
        desk.tell("times", len(measured), TRIES)
        measured.append(_grading_time(desk))
    whole = min(measured)
    if whole > assignment.time_budget_s:
        budget = f"time_budget_s is {assignment.time_budget_s:g}"
        message = f"grading the reference takes {whole:.2f} s; {budget}"
        findings.append(Finding(subject="the whole homework", message=message))
    slowest = max(durations, key=lambda name: durations[name])
    return result(
        "times",
        CLAIM,
        len(durations) + 1,
        findings,
        summary=f"{whole:.1f} s of {assignment.time_budget_s:g} s",
        facts={
            "grading_s": round(whole, 3),
            "budget_s": assignment.time_budget_s,
            "slowest_test": slowest,
            "slowest_test_s": round(durations[slowest], 3),
            "limit_s": limits.wall_s,
            "tests_s": {name: round(seconds, 4) for name, seconds in durations.items()},
        },
    )


def _grading_time(desk: Desk) -> float:
    """Seconds of one `grader check` of the reference, as if the machine had nothing else to do.

    That is the time on the clock or, where it is less, the processor time of all its processes:
    on a busy machine a process waits, on an idle one two of them work at once.
    """
    course = desk.assignment.folder.parents[1]
    with tempfile.TemporaryDirectory(prefix="grader-audit-") as folder:
        path = Path(folder) / f"{desk.assignment.module}.py"
        path.write_text(desk.solution, encoding="utf-8")
        command = [sys.executable, "-m", "grader", "check", desk.assignment.id, str(path)]
        command += ["--course", str(course), "--device", desk.device, "--seed", str(desk.seed)]
        started, used = time.monotonic(), _processor_s()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        elapsed, spent = time.monotonic() - started, _processor_s() - used
    if done.returncode not in (0, 1):
        raise CourseError(f"grader check {desk.assignment.id} failed: {done.stderr[-500:]}")
    return min(elapsed, spent) if spent > 0 else elapsed


def _processor_s() -> float:
    """Processor time of this process's children that have ended, and theirs; 0 on Windows."""
    if sys.platform == "win32":
        return 0.0
    import resource

    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
