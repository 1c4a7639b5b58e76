"""Mutants of the reference must lose points; those that keep them show what no test looks at."""

from __future__ import annotations

from collections import Counter

from grader.audit.bench import Graded, Trial
from grader.audit.desk import Desk, our_errors
from grader.audit.equivalents import Mark, read_marks
from grader.audit.model import CheckResult, Finding, result
from grader.audit.mutants import Mutant, make_mutants
from grader.course.bank import SOLUTION_FILE
from grader.judge.plan import Plan

GATE = 0.95  # of the mutants that are not equivalent
CLAIM = f"at least {GATE:.0%} of the mutants are killed"


def check_mutants(desk: Desk) -> CheckResult:
    """Grades each mutant until it loses points; a crash or a timeout kills it, too."""
    assignment = desk.assignment
    assert assignment.reference is not None
    everything = make_mutants(desk.solution, assignment.reference / SOLUTION_FILE)
    marks = read_marks(assignment)
    mutants = desk.sample(everything, desk.effort.mutants, "mutants")
    trials = [Trial(name=m.name, source=m.source, plan=_plan(desk, m)) for m in mutants]
    graded = desk.grade("mutants", trials)
    findings = _unmatched(marks, everything)
    killed, equivalent, survivors = 0, [], []
    for mutant, one in zip(mutants, graded, strict=True):
        findings += our_errors(one, mutant.name)
        mark = next((mark for mark in marks if mark.matches(mutant)), None)
        if one.failure is not None or one.lost:
            killed += 1
            if mark is not None and mark.is_exact:
                findings.append(_disproved(mutant, mark, one))
        elif mark is not None:
            equivalent.append((mutant, mark))
        else:
            survivors.append(mutant)
    score = killed / (killed + len(survivors)) if killed + len(survivors) else 1.0
    fit = score >= GATE and not findings
    return result(
        "mutants",
        CLAIM,
        len(mutants) - len(equivalent),
        [*findings, *(_survivor(mutant) for mutant in survivors)],
        held=killed,
        fit=fit,
        summary=f"{score:.1%} killed" + (f", {len(equivalent)} equivalent" if equivalent else ""),
        facts={
            "made": len(everything),
            "tried": len(mutants),
            "killed": killed,
            "survived": len(survivors),
            "score": round(score, 4),
            "equivalent": [{"mutant": m.name, "reason": mark.reason} for m, mark in equivalent],
            "by_operator": dict(Counter(mutant.operator for mutant in mutants)),
            "survivors_by_operator": dict(Counter(mutant.operator for mutant in survivors)),
        },
    )


def _plan(desk: Desk, mutant: Mutant) -> Plan:
    """The tests of the mutated function's own problem first, each group's quickest first.

    The problem is the one whose name is in the label of the solution's marker, as in
    "Problem 3.4: MLP.forward".
    """
    words = mutant.label.replace(":", " ").split()
    near: list[str] = []
    far: list[str] = []
    for problem in desk.assignment.problems:
        names = [test.name for test in problem.tests]
        (near if problem.id in words else far).extend(names)
    order = (*desk.quickest_first(near), *desk.quickest_first(far))
    return Plan(seed=desk.seed, tests=order, stop_at_loss=True)


def _survivor(mutant: Mutant) -> Finding:
    return Finding(
        subject=mutant.name,
        message=f"{mutant.operator}: loses no points",
        diff=mutant.diff,
        only_a_note=True,
    )


def _disproved(mutant: Mutant, mark: Mark, graded: Graded) -> Finding:
    lost = next((name for name in graded.lost if graded.marks[name].was_run), "the grader")
    return Finding(
        subject=mark.words, message=f"is not equivalent: {lost} tells it from the reference"
    )


def _unmatched(marks: tuple[Mark, ...], mutants: list[Mutant]) -> list[Finding]:
    return [
        Finding(subject=mark.words, message="marks no mutant: the solution may have changed")
        for mark in marks
        if not any(mark.matches(mutant) for mutant in mutants)
    ]
