"""Students' reports from the gradebook: shown, and written as files that hold nothing hidden."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from grader.course.manifest import Course
from grader.gradebook import changes, open_gradebook
from grader.gradebook.model import FILE_TIME, Handed, Key, Result, Student
from grader.judge.run import Settings, grade
from grader.report.model import Feedback, Report, Status
from grader.report.serialise import to_dict
from grader.submission import load_submission
from tests.conftest import Run

PRINTS = """
def double(x):
    print("my input:", x)
    return x

class Counter:
    n = 0

    def count(self):
        self.n += 1
"""


@pytest.fixture(scope="module")
def revealed(tiny_course: Course, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A report that holds what hidden tests printed, as --reveal makes it."""
    path = tmp_path_factory.mktemp("submission") / "tiny.py"
    path.write_text(PRINTS)
    settings = Settings(assignment=tiny_course.assignment("tiny"), reveal=True)
    return grade(settings, load_submission(path, "tiny"))


def record(report: dict[str, Any] | None, student: str, source: str, layout: str = "") -> Result:
    key = Key(
        homework="tiny",
        student=student,
        submission_hash=student,
        suite_hash="t",
        environment_hash="e",
    )
    return Result(key=key, report=report, handed=Handed(source=source, layout=layout))


@pytest.fixture
def classroom(run: Run, revealed: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Ana came from a folder, Kim from Moodle twice, Lee was not graded, Ben handed in nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADER_GRADEBOOK", raising=False)
    with open_gradebook("gradebook.db") as book:
        people = [Student(id="ana", name="Ana Álvarez"), Student(id="kim"), Student(id="lee")]
        changes.import_students(book, [*people, Student(id="ben")])
        report = to_dict(revealed)
        moodle = "class/Kim Kim_7010_assignsubmission_file"
        book.record(record(report, "ana", "class/ana"))
        book.record(record({**report, "score": 0}, "kim", moodle, "moodle"))
        better = record({**report, "notes": ["the better one"]}, "kim", moodle, "moodle")
        book.record(replace(better, key=replace(better.key, submission_hash="kim 2")))
        book.record(record(None, "lee", "class/lee"))
        changes.adjust(book, "tiny", "ana", "add", Decimal("0.5"), "looked unwell, be kind")
    return run


def test_what_counts_of_a_student_is_shown_by_name(classroom: Run) -> None:
    ran = classroom("gradebook", "show", "tiny", "kim")
    assert ran.code == 0
    assert "the better one" in ran.out
    assert classroom("gradebook", "show", "3").out == ran.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("show kim", "grader gradebook show HOMEWORK kim"),
        ("show tiny zoe", "no student 'zoe'"),
        ("show other kim", "nothing of 'other'"),
        ("show tiny ben", "No attempt of ben counts in tiny (missing)"),
        ("show tiny lee", "has no report: the grader failed"),
        ("show 77", "no attempt 77"),
    ],
)
def test_what_cannot_be_shown_says_what_can(classroom: Run, arguments: str, words: str) -> None:
    ran = classroom("gradebook", *arguments.split())
    assert ran.code == 2
    assert words in ran.err


def test_each_student_gets_a_file_that_holds_nothing_hidden(classroom: Run) -> None:
    ran = classroom("grades", "tiny", "--reports", "out")
    assert ran.code == 0
    assert "2 reports written to out.\nNone for ben (missing), lee (error)." in ran.err
    assert sorted(path.name for path in Path("out").iterdir()) == ["tiny-ana.txt", "tiny-kim.txt"]
    text = Path("out/tiny-ana.txt").read_text("utf-8")
    assert text.startswith("Ana Álvarez (ana)\ntiny: 3 of 10 points\n")
    assert "  2.5 of 10 by the tests" in text
    assert "adjusted by +0.5" in text
    assert "be kind" not in text
    assert text.count("my input:") == 1  # what the public test printed
    assert "the better one" in Path("out/tiny-kim.txt").read_text("utf-8")


def test_lateness_is_told_with_the_time_it_rests_on(classroom: Run, revealed: Report) -> None:
    at = datetime(2026, 10, 3, 12, 0, tzinfo=UTC)
    late = record(to_dict(revealed), "ben", "class/ben")
    handed = Handed(source="class/ben", submitted_at=at, time_from=FILE_TIME)
    with open_gradebook("gradebook.db") as book:
        book.record(replace(late, handed=handed))
        changes.set_due(book, "tiny", at - timedelta(hours=30))
        changes.set_policy(book, None, {"percent_per_day": "10", "late_days": 1})

    def report() -> str:
        classroom("grades", "tiny", "--reports", "out")
        return Path("out/tiny-ben.txt").read_text("utf-8")

    assert "tiny: 2.5 of 10 points" in report()
    assert "handed in" not in report()
    with open_gradebook("gradebook.db") as book:
        changes.set_policy(book, None, {"file_times": True})
    assert (
        "tiny: 2.25 of 10 points\n\n"
        "  handed in 2026-10-03 12:00 UTC\n"
        "  2.5 of 10 by the tests\n"
        "  due 2026-10-02 06:00 UTC\n"
        "  2 days late\n"
        "  1 late day of the bank spent, 0 days left\n"
        "  −0.25 for lateness\n"
    ) in report()
    with open_gradebook("gradebook.db") as book:
        changes.extend(book, "tiny", "ben", at - timedelta(hours=3), "ill")
        changes.adjust(book, "tiny", "ben", "set", Decimal(7), "oral exam")
    assert "  due 2026-10-03 09:00 UTC (extended for you)\n  1 day late\n" in report()
    assert "\n  set to 7\n" in report()
    assert "ill" not in report()
    assert "oral exam" not in report()


def test_an_old_report_does_not_outlive_its_grade(classroom: Run) -> None:
    Path("out").mkdir()
    Path("out/tiny-lee.txt").write_text("full marks")
    Path("out/notes.txt").write_text("mine")
    classroom("grades", "tiny", "--reports", "out")
    assert not Path("out/tiny-lee.txt").exists()
    assert Path("out/notes.txt").exists()


def test_a_students_file_is_called_the_same_whoever_else_is_asked_for(
    classroom: Run, revealed: Report
) -> None:
    with open_gradebook("gradebook.db") as book:
        book.record(record(to_dict(revealed), "ANA", "class/ANA"))
    classroom("grades", "tiny", "--reports", "out")
    every = {path.name: path.read_text("utf-8") for path in Path("out").iterdir()}
    assert len(every) == 3
    for student in ("ana", "ANA"):
        classroom("grades", "tiny", "--reports", "out", "--student", student)
    assert {path.name: path.read_text("utf-8") for path in Path("out").iterdir()} == every


def test_moodle_gets_a_zip_in_the_layout_of_its_download(classroom: Run) -> None:
    ran = classroom("grades", "tiny", "--moodle-feedback", "feedback.zip")
    assert ran.code == 0
    assert "1 report written to feedback.zip.\nNone for ana (graded), ben" in ran.err
    with zipfile.ZipFile("feedback.zip") as archive:
        assert archive.namelist() == ["Kim Kim_7010_assignsubmission_file_/tiny-report.txt"]
        assert b"the better one" in archive.read(archive.namelist()[0])


def test_without_a_moodle_download_there_is_no_zip(classroom: Run) -> None:
    ran = classroom("grades", "tiny", "--student", "ana", "--moodle-feedback", "feedback.zip")
    assert ran.code == 2
    assert "--reports DIR" in ran.err
    assert not Path("feedback.zip").exists()


def test_the_words_of_our_own_errors_are_not_for_students(revealed: Report) -> None:
    from grader.report.student import OUR_FAULT, for_student

    (first, *others), *_ = (problem.tests for problem in revealed.problems)
    failed = replace(first, status=Status.ERROR, feedback=Feedback(message="float('[1 2 3]')"))
    problem = replace(revealed.problems[0], tests=(failed, *others))
    shown = for_student(replace(revealed, problems=(problem,)))
    assert [t.feedback.message for t in shown.errors if t.feedback] == [OUR_FAULT]
    assert all(t.output == "" for t in shown.tests if t.visibility == "hidden")
