"""Grading again: nothing counts before it is applied, and one undo takes it back."""

from __future__ import annotations

import pytest

from grader.errors import UsageError
from grader.gradebook import changes, regrades
from grader.gradebook.book import Gradebook
from grader.gradebook.regrades import Pair, Regrade

from .conftest import make_result


def scores(book: Gradebook) -> dict[str, object]:
    from grader.gradebook.sheet import grade_sheet

    return {line.student.id: line.grade.score for line in grade_sheet(book, "hw3")}


@pytest.fixture
def staged(book: Gradebook) -> Regrade:
    """Ana had 80 and would have 85, Ben stays at 60."""
    book.record(make_result("ana", 80))
    book.record(make_result("ben", 60))
    regrade = regrades.start_regrade(book, "hw3", "test 4 was wrong")
    book.record(make_result("ana", 85, suite="t2"), regrade=regrade.id)
    book.record(make_result("ben", 60, suite="t2"), regrade=regrade.id)
    return regrade


def test_a_staged_regrade_counts_for_nothing(book: Gradebook, staged: Regrade) -> None:
    assert scores(book) == {"ana": 80, "ben": 60}
    assert len(book.attempts("hw3")) == 2
    assert not book.already_graded(make_result("ana", suite="t2").key)
    assert len(book.graded_keys("hw3", regrade=staged.id)) == 2


def test_before_and_after_with_the_cause(book: Gradebook, staged: Regrade) -> None:
    pairs = regrades.pairs(book, staged)
    assert [(p.before and p.before.score, p.after.score) for p in pairs] == [(80, 85), (60, 60)]
    ana: Pair = pairs[0]
    assert ana.before is not None
    assert regrades.cause(ana.before.key, ana.after.key) == ("suite",)


def test_the_same_graded_again_names_no_cause(book: Gradebook) -> None:
    book.record(make_result("ana", 80))
    regrade = regrades.start_regrade(book, "hw3", "is it stable?")
    assert book.record(make_result("ana", 79), regrade=regrade.id)
    (pair,) = regrades.pairs(book, regrade)
    assert pair.before is not None
    assert regrades.cause(pair.before.key, pair.after.key) == ()


def test_applied_it_counts_and_undone_it_does_not(book: Gradebook, staged: Regrade) -> None:
    change = regrades.apply_regrade(book, staged)
    assert scores(book) == {"ana": 85, "ben": 60}
    assert book.already_graded(make_result("ana", suite="t2").key)
    assert changes.history(book)[-1].reason == "test 4 was wrong"
    changes.undo(book, change)
    assert scores(book) == {"ana": 80, "ben": 60}
    assert len(book.all_attempts("hw3")) == 4
    (again,) = regrades.regrades(book, "hw3", "staged")
    regrades.apply_regrade(book, again)
    assert scores(book) == {"ana": 85, "ben": 60}


def test_an_error_in_a_regrade_leaves_the_verdict(book: Gradebook) -> None:
    book.record(make_result("ana", 80))
    regrade = regrades.start_regrade(book, "hw3", "new machine")
    book.record(make_result("ana", None, suite="t2"), regrade=regrade.id)
    regrades.apply_regrade(book, regrade)
    assert scores(book) == {"ana": 80}


def test_one_regrade_at_a_time_and_dropped_ones_never_count(
    book: Gradebook, staged: Regrade
) -> None:
    with pytest.raises(UsageError, match="under way already"):
        regrades.start_regrade(book, "hw3", "another")
    regrades.drop_regrade(book, staged)
    with pytest.raises(UsageError, match="not staged"):
        regrades.apply_regrade(book, staged)
    assert scores(book) == {"ana": 80, "ben": 60}
    assert regrades.start_regrade(book, "hw3", "another").id != staged.id


def test_a_regrade_needs_a_reason(book: Gradebook) -> None:
    with pytest.raises(UsageError, match="reason"):
        regrades.start_regrade(book, "hw3", " ")
