"""Answers of the wrong kind: whatever a function or method gives back, a test fails and no more.

Each submission is the reference with one of its exports spoiled, so that tests reach it.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.audit.bench import Graded, Trial
from grader.audit.desk import Desk, listed, our_errors
from grader.audit.inside import with_code
from grader.audit.model import CheckResult, Finding, result
from grader.judge.plan import Plan

CLAIM = "garbage fails the tests that call it, never with an error"
SPOIL_FILE = "spoil.py"
MISSING, MISCALLED = "is missing", "takes no arguments"
KINDS = (
    "None",
    "a text",
    "NaN",
    "infinity",
    "True",
    "a complex number",
    "an array of another shape",
    "an empty array",
    "an array of NaN",
    "an array of infinities",
    "an array of objects",
    "an array of texts",
    "a huge array",
    "a ragged list",
    "a dictionary",
    "a generator",
    "a function",
    "a class",
    "an object that equals everything",
    "an array that equals everything",
)
TENSORS = ("a tensor of another shape", "a tensor of NaN", "a tensor of whole numbers")
ATTRIBUTE_KINDS = ("None", "a text", "an array of objects")


@dataclass(frozen=True, kw_only=True)
class _Case:
    """One way to spoil an export: all that it gives back, or a class's attributes."""

    export: str
    kind: str
    attributes: bool = False

    @property
    def name(self) -> str:
        if self.attributes:
            return f"{self.export}: attributes are {self.kind}"
        return f"{self.export} {self.kind if self.kind == MISCALLED else f'gives {self.kind}'}"


def check_garbage(desk: Desk) -> CheckResult:
    """First which tests call an export; then each kind of garbage in those tests."""
    exports = desk.exports
    kinds = [*KINDS, *(TENSORS if _has_torch(desk) else ()), MISCALLED]
    cases = [_Case(export=name, kind=kind) for name in exports for kind in kinds]
    cases += [
        _Case(export=name, kind=kind, attributes=True)
        for name in exports
        if f"\nclass {name}" in desk.solution
        for kind in ATTRIBUTE_KINDS
    ]
    cases = desk.sample(cases, desk.effort.garbage, "garbage")
    callers = _callers(desk, [name for name in exports if any(c.export == name for c in cases)])
    trials = [
        Trial(
            name=case.name,
            source=_spoiled(desk, case),
            plan=Plan(seed=desk.seed, tests=callers[case.export] or None),
        )
        for case in cases
    ]
    found = {
        case: found
        for case, graded in zip(cases, desk.grade("garbage", trials), strict=True)
        if (found := _of(graded, case, called=bool(callers[case.export])))
    }
    findings = [*_not_called(callers), *_grouped(found)]
    facts = {"kinds": kinds, "exports": {name: list(tests) for name, tests in callers.items()}}
    held = len(cases) - len(found)
    return result("garbage", CLAIM, len(cases), findings, held=held, facts=facts)


def _callers(desk: Desk, exports: list[str]) -> dict[str, tuple[str, ...]]:
    """The tests that call each export themselves, and must not get by with garbage.

    Of a class its methods count, unless it has no more than a constructor. A plain value's tests
    are those of its problem that lose points where it is missing.
    """
    callers = {}
    for export in exports:
        tests = {test: calls.of(export) for test, calls in desk.calls.items()}
        start = {f"{export}.__init__"}
        has_methods = any(names - start for names in tests.values())
        ignored = start if has_methods else set()
        callers[export] = tuple(test for test, names in tests.items() if names - ignored)
    plain = [name for name in exports if not callers[name] and not _is_defined(desk, name)]
    trials = [
        Trial(
            name=name,
            source=_spoiled(desk, _Case(export=name, kind=MISSING)),
            plan=Plan(seed=desk.seed, tests=_tests_of(desk, name)),
        )
        for name in plain
    ]
    for graded in desk.grade("garbage", trials):
        lost = tuple(name for name in graded.lost if graded.marks[name].was_run)
        callers[graded.trial.name] = lost
    return callers


def _is_defined(desk: Desk, name: str) -> bool:
    """Whether it is a function or class at the top of the solution, not a plain value."""
    return any(f"\n{word} {name}" in desk.solution for word in ("def", "class"))


def _tests_of(desk: Desk, export: str) -> tuple[str, ...]:
    problems = [problem for problem in desk.assignment.problems if export in problem.exports]
    return tuple(test.name for problem in problems for test in problem.tests)


def _not_called(callers: dict[str, tuple[str, ...]]) -> list[Finding]:
    return [
        Finding(
            subject=name,
            message="no test calls it itself, only other parts of the solution do",
            only_a_note=True,
        )
        for name, tests in callers.items()
        if not tests
    ]


def _of(graded: Graded, case: _Case, called: bool) -> list[str]:
    """What is wrong with a case's outcome; where no test calls the export, errors only."""
    wrong = [error.message for error in our_errors(graded, case.name)]
    given = [name for name, mark in graded.marks.items() if mark.gives_points and mark.was_run]
    if given and called and not case.attributes:
        wrong.append(f"earns points in {listed(given)}")
    return wrong


def _grouped(found: dict[_Case, list[str]]) -> list[Finding]:
    """One finding for all kinds of garbage in an export of which the same can be said."""
    groups: dict[tuple[str, str], list[str]] = {}
    for case, messages in found.items():
        for message in messages:
            groups.setdefault((case.export, message), []).append(case.name)
    return [
        Finding(subject=listed(names, 3), message=message) for (_, message), names in groups.items()
    ]


def _has_torch(desk: Desk) -> bool:
    return any(name.split(".")[0] == "torch" for name in desk.assignment.needs)


def _spoiled(desk: Desk, case: _Case) -> str:
    part = "attributes" if case.attributes else "methods"
    return with_code(desk.solution, SPOIL_FILE, "spoil", case.export, part, case.kind)
