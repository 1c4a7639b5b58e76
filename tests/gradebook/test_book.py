"""What is recorded is there, once, exactly; on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from grader.errors import UsageError
from grader.gradebook import open_gradebook
from grader.gradebook.book import Gradebook
from grader.gradebook.model import AttemptStatus

from .conftest import NOON, make_result


def test_a_result_comes_back_as_it_was_recorded(book: Gradebook) -> None:
    given = make_result(batch="b1", duration_s=1.25)
    assert book.record(given)
    (attempt,) = book.attempts("hw3")
    assert attempt.key == given.key
    assert attempt.handed == given.handed
    assert attempt.status is AttemptStatus.GRADED
    assert (attempt.batch, attempt.duration_s, attempt.regrade) == ("b1", 1.25, 0)
    assert book.report(attempt.id) == given.report


@pytest.mark.parametrize("score", ["0", "0.1", "2.675", "33.333333", "99.99", "100"])
def test_scores_are_kept_exactly(book: Gradebook, score: str) -> None:
    book.record(make_result(score=float(score)))
    (attempt,) = book.attempts("hw3")
    assert attempt.score == Decimal(score)


def test_times_are_kept_to_the_microsecond_in_utc(book: Gradebook) -> None:
    zone = timezone(timedelta(hours=-7))
    at = datetime(2026, 10, 2, 23, 59, 59, 999999, tzinfo=zone)
    book.record(make_result(at=at))
    (attempt,) = book.attempts("hw3")
    assert attempt.submitted_at == at
    assert attempt.submitted_at.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(book: Gradebook) -> None:
    with pytest.raises(Exception, match="without its zone"):
        book.record(make_result(at=datetime(2026, 10, 2)))
    assert book.attempts("hw3") == ()


def test_the_same_key_is_recorded_once_and_its_verdict_stays(book: Gradebook) -> None:
    assert book.record(make_result(score=80))
    assert not book.record(make_result(score=90))
    assert [attempt.score for attempt in book.attempts("hw3")] == [80]


@pytest.mark.parametrize(
    "other",
    [{"submission": "s2"}, {"suite": "t2"}, {"environment": "e2"}, {"student": "ben"}],
    ids=str,
)
def test_another_key_is_another_grading(book: Gradebook, other: dict[str, str]) -> None:
    book.record(make_result())
    assert not book.already_graded(make_result(**other).key)
    assert book.record(make_result(**other))
    assert len(book.attempts("hw3")) == 2


def test_another_seed_is_another_grading(book: Gradebook) -> None:
    first = make_result()
    book.record(first)
    assert book.record(replace(first, key=replace(first.key, seed=2**63 - 1)))


def test_an_error_of_ours_gives_way_to_a_verdict_and_never_takes_its_place(book: Gradebook) -> None:
    broken = replace(make_result(), report=None, error="the judge process died")
    assert book.record(broken)
    assert not book.already_graded(broken.key)
    assert book.attempts("hw3")[0].score is None
    assert book.record(make_result(score=70))
    assert book.already_graded(broken.key)
    assert not book.record(broken)
    (attempt,) = book.attempts("hw3")
    assert (attempt.status, attempt.score, attempt.error) == (AttemptStatus.GRADED, 70, None)


def test_a_withheld_total_is_an_error_with_its_report(book: Gradebook) -> None:
    book.record(make_result(score=None))
    (attempt,) = book.attempts("hw3")
    assert attempt.status is AttemptStatus.ERROR
    assert book.report(attempt.id) is not None


def test_the_same_content_handed_in_again_is_seen_again_but_graded_once(book: Gradebook) -> None:
    first = make_result(submission="a", score=50)
    book.record(first)
    book.record(make_result(submission="b", score=40, at=NOON + timedelta(days=1)))
    book.notice(first.key, replace(first.handed, submitted_at=NOON + timedelta(days=2)))
    book.notice(first.key, replace(first.handed, submitted_at=NOON + timedelta(days=2)))
    attempts = book.attempts("hw3", "ana")
    assert [attempt.score for attempt in attempts] == [50, 40, 50]
    assert attempts[0].id == attempts[2].id


def test_a_copied_file_is_not_handed_in_again(book: Gradebook) -> None:
    first = make_result()
    book.record(first)
    copied = replace(first.handed, submitted_at=NOON + timedelta(days=5), time_from="file")
    book.notice(first.key, copied)
    book.notice(first.key, replace(first.handed, submitted_at=None, time_from=""))
    assert [attempt.submitted_at for attempt in book.attempts("hw3")] == [NOON]


def test_a_files_time_gives_way_to_a_better_one(book: Gradebook) -> None:
    first = make_result()
    vague = replace(first.handed, submitted_at=NOON - timedelta(days=9), time_from="file")
    book.record(replace(first, handed=vague))
    book.notice(first.key, first.handed)
    book.notice(first.key, vague)
    assert [attempt.handed for attempt in book.attempts("hw3")] == [first.handed]


def test_graded_keys_are_all_verdicts_of_a_homework(book: Gradebook) -> None:
    given = [make_result(student) for student in ("ana", "ben", "cleo")]
    for result in given:
        book.record(result)
    book.record(make_result("dan", score=None))
    book.record(make_result(homework="hw4"))
    assert book.graded_keys("hw3") == {result.key for result in given}


def test_text_of_a_submission_is_escaped(book: Gradebook) -> None:
    book.record(make_result(source="a\0b\udc80\x1b[31m", batch="b"))
    (attempt,) = book.attempts("hw3")
    assert attempt.handed.source == r"a\x00b\udc80\x1b[31m"


def test_an_unknown_attempt_is_said_so(book: Gradebook) -> None:
    with pytest.raises(UsageError, match="no attempt 7"):
        book.report(7)


def test_what_was_recorded_is_there_after_opening_again(place: str) -> None:
    with open_gradebook(place) as book:
        book.record(make_result())
    with open_gradebook(place, create=False) as book:
        assert len(book.attempts("hw3")) == 1
