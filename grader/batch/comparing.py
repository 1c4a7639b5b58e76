"""What a regrade would change, and why: scores before and after, test by test. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from grader.gradebook.book import Gradebook
from grader.gradebook.regrades import Regrade, cause, pairs

NEW, NONDETERMINISM = "new", "nondeterminism"


@dataclass(frozen=True, kw_only=True)
class TestChange:
    """One test whose points or status differ; None where a side has no such test."""

    __test__ = False

    test: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class Change:
    """One submission whose grading differs; `causes` what differed in what was graded.

    `causes` is ("nondeterminism",) where the same submission, suite, environment and seed gave
    another result when graded again, and ("new",) where nothing counted before.
    """

    student: str
    before: Decimal | None
    after: Decimal | None
    causes: tuple[str, ...]
    tests: tuple[TestChange, ...]


def changes(book: Gradebook, regrade: Regrade) -> tuple[Change, ...]:
    """Every submission that the staged regrade would change, by student."""
    found = []
    for pair in pairs(book, regrade):
        after = book.report(pair.after.id)
        before = None if pair.before is None else book.report(pair.before.id)
        tests = test_changes(before, after)
        same = pair.before is not None and pair.before.score == pair.after.score
        if same and not tests:
            continue
        if pair.before is None:
            causes: tuple[str, ...] = (NEW,)
        else:
            causes = cause(pair.before.key, pair.after.key) or (NONDETERMINISM,)
        found.append(
            Change(
                student=pair.after.student,
                before=None if pair.before is None else pair.before.score,
                after=pair.after.score,
                causes=causes,
                tests=tests,
            )
        )
    return tuple(found)


def test_changes(
    before: dict[str, Any] | None, after: dict[str, Any] | None
) -> tuple[TestChange, ...]:
    """The tests of two reports that differ in points or status."""
    old, new = _tests(before), _tests(after)
    return tuple(
        TestChange(test=name, before=old.get(name), after=new.get(name))
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    )


def _tests(report: dict[str, Any] | None) -> dict[str, str]:
    problems = () if report is None else report["problems"]
    return {
        test["id"]: f"{test['status']} {test['score']}/{test['max_score']}"
        for problem in problems
        for test in problem["tests"]
    }
