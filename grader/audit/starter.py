"""The starter, file and notebook: up to date, loads, and scores 0 without an error."""

from __future__ import annotations

from grader.audit.bench import Graded, Trial
from grader.audit.desk import Desk, listed, our_errors
from grader.audit.model import CheckResult, Finding, result
from grader.course.starter import build, starter_ipynb, starter_py
from grader.judge.plan import Plan

CLAIM = "the starter scores 0 without an error"


def check_starter(desk: Desk) -> CheckResult:
    """Grades what a student would hand in on the first day."""
    assignment, plan = desk.assignment, Plan(seed=desk.seed)
    trials = [
        Trial(name=f"{assignment.module}.py", source=starter_py(assignment), plan=plan),
        Trial(
            name=f"{assignment.module}.ipynb",
            source=starter_ipynb(assignment),
            plan=plan,
            suffix=".ipynb",
        ),
    ]
    findings = [finding for graded in desk.grade("starter", trials) for finding in _of(graded)]
    findings += [
        Finding(
            subject=path.name,
            message=f"out of date in the checkout: grader build {assignment.id}",
        )
        for path in build(assignment, check=True)
    ]
    return result("starter", CLAIM, len(trials), findings)


def _of(graded: Graded) -> list[Finding]:
    subject = graded.trial.name
    findings = our_errors(graded, subject)
    given = [name for name, mark in graded.marks.items() if mark.gives_points]
    if given:
        findings.append(Finding(subject=subject, message=f"earns points in {listed(given)}"))
    unclean = [n for n, mark in graded.marks.items() if mark.status not in ("failed", "error")]
    unclean = [name for name in unclean if name not in given]
    if unclean:
        first = graded.marks[unclean[0]]
        said = first if first.was_run else next(iter(graded.marks.values()))
        findings.append(
            Finding(
                subject=subject,
                message=f"{listed(unclean)} ended {first.status}, not failed: {said.message}",
            )
        )
    return findings
