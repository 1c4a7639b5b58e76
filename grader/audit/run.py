"""Runs the checks on one homework, in a fixed order, and puts their results together."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from grader.audit.bench import Bench
from grader.audit.desk import FULL, Desk, Effort, Tell
from grader.audit.garbage import check_garbage
from grader.audit.giveaway import check_giveaway
from grader.audit.killing import check_mutants
from grader.audit.manifest import check_manifest
from grader.audit.model import Audit, CheckResult
from grader.audit.reference import check_correct, check_reference
from grader.audit.starter import check_starter
from grader.audit.times import check_times
from grader.audit.wrong import check_wrong
from grader.course.manifest import Assignment
from grader.errors import UsageError
from grader.judge.run import Settings

CHECKS: dict[str, Callable[[Desk], CheckResult]] = {
    "manifest": check_manifest,
    "starter": check_starter,
    "reference": check_reference,
    "correct": check_correct,
    "wrong": check_wrong,
    "times": check_times,
    "giveaway": check_giveaway,
    "garbage": check_garbage,
    "mutants": check_mutants,
}
OUTPUT_KB = 1024  # what audits print in the worker must come through whole


def audit(
    assignment: Assignment,
    *,
    effort: Effort = FULL,
    only: Sequence[str] = (),
    seed: int = 0,
    device: str = "cpu",
    judges: int = 0,
    tell: Tell = lambda check, done, total: None,
) -> Audit:
    """Audit a homework; `only` names checks, none means all. Takes from seconds to an hour.

    CourseError where the homework's suite cannot be run, UsageError without `reference/`.
    """
    if assignment.reference is None:
        raise UsageError(
            f"{assignment.id} has no reference/{assignment.id} here to audit it with.",
            hint="An audit needs the instructors' checkout.",
        )
    roomy = replace(assignment, limits=replace(assignment.limits, output_kb=OUTPUT_KB))
    settings = Settings(assignment=roomy, seed=seed, device=device, reveal=True)
    started = time.monotonic()
    results = []
    with Bench(settings, judges) as bench:
        desk = Desk(
            assignment=assignment, bench=bench, effort=effort, seed=seed, device=device, tell=tell
        )
        desk.baseline  # noqa: B018 - says first whether the suite can be run at all
        for name, check in CHECKS.items():
            if only and name not in only:
                continue
            tell(name, 0, 0)
            began = time.monotonic()
            outcome = check(desk)
            results.append(replace(outcome, duration_s=round(time.monotonic() - began, 2)))
    return Audit(
        assignment=assignment.id,
        title=assignment.title,
        seed=seed,
        device=device,
        sampled=effort.is_sampled,
        checks=tuple(results),
        duration_s=round(time.monotonic() - started, 2),
    )
