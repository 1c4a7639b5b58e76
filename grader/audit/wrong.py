"""The bank of wrong solutions: each loses the tests that its entry names, on every seed."""

from __future__ import annotations

from grader.audit.bench import Graded, Trial
from grader.audit.desk import Desk, listed, our_errors
from grader.audit.model import CheckResult, Finding, result
from grader.course.bank import WrongSolution, wrong_solutions
from grader.judge.plan import Plan

CLAIM = "each wrong solution loses the tests it names"


def check_wrong(desk: Desk) -> CheckResult:
    """All tests on the first seed, to see errors, too; the named ones on the other seeds."""
    bank = wrong_solutions(desk.assignment)
    trials, meant = [], []
    for wrong in bank:
        for seed in desk.seeds(desk.effort.bank_seeds):
            every = desk.effort.all_tests and seed == desk.seed
            tests = None if every else wrong.loses
            plan = Plan(seed=seed, tests=tests)
            name = f"{wrong.name}, seed {seed}"
            trials.append(Trial(name=name, source=wrong.source, plan=plan))
            meant.append(wrong)
    findings = [
        finding
        for graded, wrong in zip(desk.grade("wrong", trials), meant, strict=True)
        for finding in _of(graded, wrong)
    ]
    if not bank:
        findings.append(
            Finding(
                subject=desk.assignment.id,
                message=f"reference/{desk.assignment.id}/wrong.toml holds no wrong solution",
            )
        )
    unnamed = sorted(_hidden(desk) - {name for wrong in bank for name in wrong.loses})
    if unnamed and bank:
        findings.append(
            Finding(
                subject="hidden tests",
                message=f"no wrong solution names {listed(unnamed)}",
                only_a_note=True,
            )
        )
    facts = {"solutions": [wrong.name for wrong in bank], "tests_not_named": unnamed}
    return result("wrong", CLAIM, len(trials), findings, facts=facts)


def _hidden(desk: Desk) -> set[str]:
    tests = desk.assignment.tests
    return {
        test.name
        for test in tests
        if test.visibility == "hidden" and not test.name.startswith("test_quiz_")
    }


def _of(graded: Graded, wrong: WrongSolution) -> list[Finding]:
    subject = graded.trial.name
    findings = our_errors(graded, subject)
    if graded.failure is None:
        kept = [name for name in wrong.loses if graded.marks[name].is_full]
        if kept:
            message = f"keeps all points of {listed(kept)} ({wrong.mistake})"
            findings.append(Finding(subject=subject, message=message))
    return findings
