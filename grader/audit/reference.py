"""The reference and the other correct solutions: full marks, whatever the seed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from grader.audit.bench import Graded, Trial
from grader.audit.desk import Desk
from grader.audit.model import CheckResult, Finding, result
from grader.course.bank import correct_solutions
from grader.judge.plan import Plan


def check_reference(desk: Desk) -> CheckResult:
    """A test that the reference fails on some seed would fail a correct student on that seed."""
    first, *others = desk.seeds(desk.effort.seeds)
    trials = [
        Trial(name=f"seed {seed}", source=desk.solution, plan=Plan(seed=seed)) for seed in others
    ]
    known = replace(desk.baseline, trial=replace(desk.baseline.trial, name=f"seed {first}"))
    graded = [known, *desk.grade("reference", trials)]
    claim = f"the reference scores full marks on {len(graded)} seeds"
    return result("reference", claim, len(graded), false_failures(graded))


def check_correct(desk: Desk) -> CheckResult:
    """Solutions written differently: a test may ask for no more than the handout says."""
    solutions = correct_solutions(desk.assignment)
    trials = [
        Trial(name=f"{solution.name}, seed {seed}", source=solution.source, plan=Plan(seed=seed))
        for solution in solutions
        for seed in desk.seeds(desk.effort.bank_seeds)
    ]
    findings = false_failures(desk.grade("correct", trials))
    if not solutions:
        findings.append(
            Finding(
                subject=desk.assignment.id,
                message=f"reference/{desk.assignment.id}/correct/ holds no other correct solution",
            )
        )
    facts = {"solutions": [solution.name for solution in solutions]}
    claim = "each correct solution scores full marks"
    return result("correct", claim, len(trials), findings, facts=facts)


def false_failures(graded: Iterable[Graded]) -> list[Finding]:
    """A finding for each test that a correct solution lost."""
    return [
        Finding(subject=one.trial.name, message=_lost(one, name))
        for one in graded
        for name in _all(one)
    ]


def _all(graded: Graded) -> tuple[str, ...]:
    return graded.lost if graded.failure is None else ("the grader",)


def _lost(graded: Graded, name: str) -> str:
    if graded.failure is not None:
        return f"the grader failed: {graded.failure}"
    mark = graded.marks[name]
    points = f"{mark.score:g} of {mark.max_score:g}"
    return f"{name}: {mark.status}, {points}: {mark.message}".rstrip(": ")
