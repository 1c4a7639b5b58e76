"""What a regrade would change, as a table and in a summary."""

from __future__ import annotations

from decimal import Decimal

from grader.batch.comparing import Change, TestChange
from grader.render.look import PLAIN, Look
from grader.render.regrade import render_changes

LOOK = Look(width=80, color=False, encoding="utf-8", glyphs=PLAIN)


def a_change(
    student: str, before: str | None, after: str | None, *tests: TestChange, cause: str = "suite"
) -> Change:
    scores = [None if score is None else Decimal(score) for score in (before, after)]
    return Change(
        student=student, before=scores[0], after=scores[1], causes=(cause,), tests=tuple(tests)
    )


def test_scores_then_tests_then_how_many() -> None:
    step = TestChange(test="test_steps", before="failed 0/4", after="passed 4/4")
    gone = TestChange(test="test_old", before="passed 1/1", after=None)
    new = TestChange(test="test_steps", before=None, after="not_run 0/4")
    found = [
        a_change("ana", "62.50", "66.50", step),
        a_change("ben", "70", "69", gone),
        a_change("kim", None, "0", new, cause="new"),
        a_change("lee\x1b[2J", "8", None, step),
    ]
    assert render_changes(found, 40, LOOK).splitlines() == [
        "Student     Before  After  Change  Cause",
        "----------------------------------------",
        "ana           62.5   66.5      +4  suite",
        "ben             70     69      −1  suite",
        "kim              –      0          new",
        "lee\\x1b[2J       8      –          suite",
        "",
        "Student     Test        Before      After",
        "----------------------------------------------",
        "ana         test_steps  failed 0/4  passed 4/4",
        "ben         test_old    passed 1/1  –",
        "lee\\x1b[2J  test_steps  failed 0/4  passed 4/4",
        "",
        "40 submissions graded again: 4 changes (1 up, 1 down, 2 without a score before",
        "or after).",
        "Tests: test_steps in 2, test_old in 1.",
    ]


def test_nothing_changes() -> None:
    words = "1 submission graded again: no score and no test changes."
    assert render_changes([], 1, LOOK) == words


def test_of_many_tests_the_first_are_named() -> None:
    tests = [TestChange(test=f"t{i}", before="failed 0/1", after="passed 1/1") for i in range(7)]
    shown = render_changes([a_change("ana", "0", "7", *tests)], 2, LOOK)
    assert shown.endswith("\nTests: t0 in 1, t1 in 1, t2 in 1, t3 in 1, t4 in 1, 2 more tests.")
