"""The reference's grading time against the homework's budget, each test's against its limit.

The whole time is that of the command as an instructor calls it, start-up included.
"""

from __future__ import annotations

import json
import math
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
    limit = min(limits.wall_s, limits.cpu_s)
    durations = {name: mark.duration_s for name, mark in desk.baseline.marks.items()}
    whole = math.inf
    for number in range(TRIES):
        desk.tell("times", number, TRIES)
        seconds, tests = _grading_times(desk)
        whole = min(whole, seconds)
        durations = {name: min(tests.get(name, s), s) for name, s in durations.items()}
        slow = {name: s for name, s in durations.items() if s > limit / HEADROOM}
        if whole <= assignment.time_budget_s and not slow:
            break
    findings = [
        Finding(
            subject=name,
            message=f"takes {seconds:.2f} s; its limits, now {limit:g} s at the least, should be "
            f"{HEADROOM:g} times that",
        )
        for name, seconds in slow.items()
    ]
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
        summary=f"{whole:.1f} s of {assignment.time_budget_s:g} s; the slowest test "
        f"{durations[slowest]:.1f} s of {limit:g} s",
        facts={
            "grading_s": round(whole, 3),
            "budget_s": assignment.time_budget_s,
            "slowest_test": slowest,
            "slowest_test_s": round(durations[slowest], 3),
            "limit_s": limit,
            "tests_s": {name: round(seconds, 4) for name, seconds in durations.items()},
        },
    )


def _grading_times(desk: Desk) -> tuple[float, dict[str, float]]:
    """Seconds of one `grader check` of the reference on a machine with nothing else to do, by test.

    The whole is the time on the clock or, where it is less, the processor time of all processes: on
    a busy machine a process waits, on an idle one two of them work at once.
    """
    course = desk.assignment.folder.parents[1]
    with tempfile.TemporaryDirectory(prefix="grader-audit-") as folder:
        path = Path(folder) / f"{desk.assignment.module}.py"
        path.write_text(desk.solution, encoding="utf-8")
        # -P: a folder called grader here, as a clone of this repository is, would come first
        command = [sys.executable, "-P", "-m", "grader", "check", desk.assignment.id, str(path)]
        command += ["--course", str(course), "--device", desk.device, "--seed", str(desk.seed)]
        started, used = time.monotonic(), _processor_s()
        done = subprocess.run(
            [*command, "--reveal", "--json", "-"], capture_output=True, text=True, check=False
        )
        elapsed, spent = time.monotonic() - started, _processor_s() - used
    if done.returncode not in (0, 1) or not done.stdout:
        raise CourseError(f"grader check {desk.assignment.id} failed: {done.stderr[-500:]}")
    problems = json.loads(done.stdout)["problems"]
    tests = {test["id"]: test["duration_s"] for problem in problems for test in problem["tests"]}
    return min(elapsed, spent) if spent > 0 else elapsed, tests


def _processor_s() -> float:
    """Processor time of this process's children that have ended, and theirs; 0 on Windows."""
    if sys.platform == "win32":
        return 0.0
    import resource

    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
