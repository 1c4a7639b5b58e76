"""`grader grades` and `grader gradebook` as an instructor calls them."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from grader.cli.times import parse_time
from grader.course.manifest import Course
from grader.discover import read_roster
from grader.errors import UsageError
from grader.gradebook import changes, open_gradebook
from grader.gradebook.model import Handed, Key, Result, Student
from grader.judge.run import Settings, grade
from grader.report.serialise import to_dict
from grader.submission import load_submission
from tests.conftest import TINY, Run

ROSTER = (
    "id,name,email,section,github\nana,Ana Álvarez,ana@uni.example,A,ana-a\nben,=cmd|calc,,B,\n"
)


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gradebook is the default one, in that folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADER_GRADEBOOK", raising=False)
    monkeypatch.setenv("COLUMNS", "140")


@pytest.fixture(scope="module")
def report(tiny_course: Course, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A real report: 5.75 of 10 points."""
    assignment = tiny_course.assignment("tiny")
    path = tmp_path_factory.mktemp("submission") / "tiny.py"
    path.write_text("def double(x):\n    return 2 * x\n")
    settings = Settings(assignment=assignment)
    return to_dict(grade(settings, load_submission(path, assignment.module)))


@pytest.fixture(scope="module")
def made(report: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook: Ana handed in a bit more than an hour late, Ben nothing."""
    folder = tmp_path_factory.mktemp("classroom")
    (folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    key = Key(
        homework="tiny",
        student="ana",
        submission_hash="s",
        suite_hash="t",
        environment_hash="e",
    )
    at = datetime(2026, 10, 2, 23, 15, tzinfo=UTC)
    handed = Handed(submitted_at=at, time_from="commit", commit="c" * 40, source="class/ana")
    people = [Student(**vars(person)) for person in read_roster(folder / "roster.csv")]
    with open_gradebook(str(folder / "gradebook.db")) as book:
        book.record(Result(key=key, report=report, handed=handed))
        changes.import_students(book, people)
        changes.set_due(book, "tiny", parse_time("2026-10-02 23:59", "Europe/Berlin"))
        changes.set_policy(book, None, {"percent_per_day": "20"})
    return folder


@pytest.fixture
def classroom(run: Run, made: Path, tmp_path: Path) -> Run:
    """Call commands beside a copy of that gradebook and its roster."""
    for name in ("roster.csv", "gradebook.db"):
        shutil.copyfile(made / name, tmp_path / name)
    return run


def test_a_class_is_set_up(run: Run, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    assert "roster of 2 students" in run("gradebook", "roster", "roster.csv").out
    due = run("gradebook", "due", "tiny", "2026-10-02 23:59", "--zone", "Europe/Berlin")
    assert "due 2026-10-02 21:59 UTC for tiny" in due.out
    policy = run("gradebook", "policy", "--percent-per-day", "10", "--late-days", "2")
    assert "percent-per-day 10, late-days 2" in policy.out
    assert "2 students (2 missing)" in run("grades", "tiny").out


def test_a_table_with_everyone_and_a_summary(classroom: Run) -> None:
    ran = classroom("grades", "tiny")
    assert ran.code == 0
    ana = next(line for line in ran.out.splitlines() if line.startswith("ana"))
    assert " ".join(ana.split()) == "ana Ana Álvarez A 4.6 10 1 d −1.15 for lateness"
    assert "2 students (1 graded, 1 missing)" in ran.out


def test_filters(classroom: Run) -> None:
    assert "ben" not in classroom("grades", "tiny", "--section", "A").out
    assert "ana " not in classroom("grades", "tiny", "--status", "missing").out
    assert "1 student (1 missing)" in classroom("grades", "tiny", "--student", "ben").out


def test_every_step_is_explained(classroom: Run) -> None:
    said = classroom("grades", "tiny", "--explain", "--student", "ana").out
    assert "handed in 2026-10-02 23:15 UTC (commit): 5.75 of 10" in said
    assert "due 2026-10-02 21:59 UTC" in said
    assert "1 h 16 min late: 1 day" in said
    assert "−20 % of 5.75 = −1.15 → 4.6" in said


def test_json_holds_what_explains_the_score(classroom: Run) -> None:
    value = json.loads(classroom("grades", "tiny", "--json", "-").out)
    ana, ben = value["grades"]
    assert (ana["score"], ana["raw_score"], ana["penalty"], ana["max_score"]) == (
        4.6,
        5.75,
        1.15,
        10,
    )
    assert (ana["commit"], ana["suite_hash"], ana["attempts"]) == ("c" * 40, "t", 1)
    assert ana["submitted_at"] == "2026-10-02T23:15:00Z"
    assert ben["status"] == "missing"


CANVAS = (
    'Student,ID,SIS Login ID,A tiny homework (78)\n"    Points Possible",,,10\n'
    '"Álvarez, Ana",4711,,\n"Brook, Ben",5000,,\n'
)


def test_canvas_gets_its_grades_by_title_and_by_its_own_ids(
    run: Run, report: dict[str, Any], tmp_path: Path
) -> None:
    """From a download of Canvas to an upload: no roster but what the file names say."""
    key = Key(
        homework="tiny",
        student="alvarezana_4711",
        submission_hash="s",
        suite_hash="t",
        environment_hash="e",
    )
    handed = Handed(layout="canvas", source="class.zip/alvarezana_LATE_4711_99_tiny.py")
    with open_gradebook(str(tmp_path / "gradebook.db")) as book:
        book.record(Result(key=key, report=report, handed=handed))
    run("grades", "tiny", "--json", "grades.json")
    value = json.loads((tmp_path / "grades.json").read_text("utf-8"))
    assert value["title"] == "A tiny homework"
    assert value["grades"][0]["ids"] == {"canvas": "4711"}
    (tmp_path / "canvas.csv").write_text(CANVAS, encoding="utf-8")
    ran = run("export", "canvas", "grades.json", "--gradebook", "canvas.csv")
    assert ran.code == 0, ran.err
    assert '"Álvarez, Ana",4711,,5.75' in ran.out
    assert '"Brook, Ben",5000,,\n' in ran.out
    (tmp_path / "moodle.csv").write_text("Username,Full name\nalvarezana_4711,\n")
    ran = run("export", "moodle-gradebook", "grades.json", "--gradebook", "moodle.csv")
    assert ran.out == "Username,A tiny homework\nalvarezana_4711,5.75\n"


def test_the_title_is_the_courses_where_nothing_was_graded(
    classroom: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(TINY, tmp_path / "course")
    for name in ("gradebook.db", "roster.csv"):
        shutil.copyfile(tmp_path / name, tmp_path / "course" / name)
    monkeypatch.chdir(tmp_path / "course")
    shown = classroom("grades", "tiny", "--student", "ben", "--json", "-").out
    assert json.loads(shown)["title"] == "A tiny homework"


def test_the_csv_holds_no_formula(classroom: Run, tmp_path: Path) -> None:
    assert classroom("grades", "tiny", "--csv", "grades.csv").code == 0
    text = (tmp_path / "grades.csv").read_text("utf-8")
    ana, ben = csv.DictReader(io.StringIO(text))
    assert (ana["student"], ana["score"], ana["days_late"]) == ("ana", "4.6", "1")
    assert ben["name"] == "'=cmd|calc"


def test_what_is_written_is_what_exports_read(classroom: Run) -> None:
    classroom("grades", "tiny", "--json", "grades.json")
    ran = classroom("export", "csv", "grades.json")
    assert "ana,Ana Álvarez,ana@uni.example,4.6,10,graded" in ran.out


def test_decisions_show_and_are_undone(classroom: Run) -> None:
    def score() -> object:
        value = json.loads(classroom("grades", "tiny", "--json", "-").out)
        return value["grades"][0]["score"]

    assert score() == 4.6
    ran = classroom("gradebook", "extend", "tiny", "ana", "+2d", "--reason", "ill")
    assert ran.out.startswith("Change 4: extended to 2026-10-04 21:59 UTC for ana in tiny.")
    assert score() == 5.75
    classroom("gradebook", "adjust", "tiny", "ana", "-2.25", "--reason", "copied")
    assert score() == 3.5
    classroom("gradebook", "adjust", "tiny", "ana", "8", "--set", "--reason", "oral exam")
    assert score() == 8
    assert "set to 8" in classroom("grades", "tiny").out
    classroom("gradebook", "excuse", "tiny", "ana", "--reason", "exchange")
    assert score() is None
    history = classroom("gradebook", "history", "tiny", "--student", "ana").out
    assert all(word in history for word in ("ill", "copied", "oral exam", "exchange"))
    for before in (8, 3.5, 5.75, 4.6):
        assert "Undone: change" in classroom("gradebook", "undo").out
        assert score() == before


def test_the_history_is_readable_whole_in_a_file(classroom: Run) -> None:
    reason = (
        "ill, with a note of the doctor that came by post on the day after the homework was due"
    )
    classroom("gradebook", "extend", "tiny", "ana", "+2d", "--reason", reason)
    history = classroom("gradebook", "history").out
    assert f"extended to 2026-10-04 21:59 UTC for ana in tiny: {reason}\n" in history


def test_a_homeworks_policy_is_the_courses_but_for_what_is_named_for_it(classroom: Run) -> None:
    classroom("gradebook", "policy", "--late-days", "3")
    classroom("gradebook", "policy", "tiny", "--max-days", "5", "--attempts", "last")
    classroom("gradebook", "policy", "--percent-per-day", "15")
    shown = classroom("gradebook", "policy", "tiny").out
    assert "late-days        3\n" in shown
    assert "percent-per-day  15\n" in shown
    assert "max-days         5      of tiny itself\n" in shown
    assert "attempts         last   of tiny itself\n" in shown
    assert "itself" not in classroom("gradebook", "policy").out
    classroom("gradebook", "policy", "tiny", "--course")
    assert classroom("gradebook", "policy", "tiny").out == classroom("gradebook", "policy").out
    assert "max-days         none\n" in classroom("gradebook", "policy").out


def test_the_report_of_an_attempt_is_shown_as_it_was(classroom: Run) -> None:
    assert "ana" in classroom("gradebook", "attempts", "tiny").out
    assert "tiny" in classroom("gradebook", "show", "1").out
    report = json.loads(classroom("gradebook", "show", "1", "--json", "-").out)
    assert (report["assignment"], report["score"]) == ("tiny", 5.75)


def test_the_same_roster_again_changes_nothing(classroom: Run) -> None:
    assert "Nothing changes" in classroom("gradebook", "roster", "roster.csv").out
    assert "Ana Álvarez" in classroom("gradebook", "students").out


@pytest.mark.parametrize(
    "arguments",
    [
        "grades other",
        "grades tiny --student zoe",
        "gradebook excuse tiny zoe --reason x",
        "gradebook excuse tiny ana",
        "gradebook adjust tiny ana much --reason x",
        "gradebook due tiny soon",
        "gradebook due tiny",
        "gradebook due tiny 2026-10-02 --zone Mars/Olympus",
        "gradebook policy tiny --percent-per-day 200",
        "gradebook policy tiny --max-days few",
        "gradebook policy tiny --late-days 2",
        "gradebook roster nothing.csv",
        "gradebook show 77",
        "gradebook undo 77",
        "grades tiny --gradebook other.db",
        "grades tiny --gradebook mysql://host/db",
    ],
)
def test_a_mistake_in_the_command_is_exit_2_and_says_what_to_do(
    classroom: Run, arguments: str
) -> None:
    ran = classroom(*arguments.split())
    assert ran.code == 2
    assert ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("command", ["grades tiny", "gradebook history", "batch tiny ."])
def test_without_the_extra_the_command_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    for name in [
        name for name in sys.modules if name.startswith(("grader.gradebook", "grader.batch"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    course = ["--course", str(TINY)] if command.startswith("batch") else []
    ran = run(*command.split(), *course)
    assert ran.code == 2
    assert "pip install 'grader[gradebook]'" in ran.err


NOON = datetime(2026, 10, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-10-02T14:00+02:00", None, NOON),
        ("2026-10-02 12:00Z", None, NOON),
        ("2026-10-02 14:00", "Europe/Berlin", NOON),
        ("2026-01-10 12:00", "Europe/Berlin", datetime(2026, 1, 10, 11, 0, tzinfo=UTC)),
        ("2026-10-02", "UTC", NOON.replace(hour=23, minute=59, second=59)),
        ("+2d", None, NOON.replace(day=4)),
        ("+90min", None, NOON.replace(hour=13, minute=30)),
    ],
)
def test_times_as_they_are_typed(text: str, zone: str | None, expected: datetime) -> None:
    assert parse_time(text, zone, after=NOON) == expected


@pytest.mark.parametrize("text", ["tomorrow", "2026-13-01", "+2w", ""])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_time(text, after=NOON)
    with pytest.raises(UsageError, match="counts from a due date"):
        parse_time("+2d")
    with pytest.raises(UsageError, match="offset already"):
        parse_time("2026-10-02T14:00+02:00", "Europe/Berlin")


def test_an_extension_without_a_time_says_how_one_is_written(classroom: Run) -> None:
    without = classroom("gradebook", "extend", "tiny", "ana", "--reason", "ill")
    assert "grader gradebook extend tiny ana +2d --reason" in without.err
    wrong = classroom("gradebook", "extend", "tiny", "ana", "2d", "--reason", "ill")
    assert "or +2d, +12h, +30min after the due date" in wrong.err
    classroom("gradebook", "due", "tiny", "--none")
    undue = classroom("gradebook", "extend", "tiny", "ana", "+2d", "--reason", "ill")
    assert "grader gradebook due HOMEWORK TIME" in undue.err
    assert (without.code, wrong.code, undue.code) == (2, 2, 2)


@pytest.mark.parametrize("command", ["regrade tiny", "gradebook excuse tiny ana"])
def test_a_reason_that_is_missing_is_named_as_its_option(classroom: Run, command: str) -> None:
    Path("class/ana").mkdir(parents=True)
    Path("class/ana/tiny.py").write_text("x = 1\n")
    ran = classroom(*command.split(), "--reason", " ", *course_of(command))
    assert ran.code == 2
    assert "--reason" in ran.err


def course_of(command: str) -> list[object]:
    return ["class", "--course", TINY] if command.startswith("regrade") else []


def test_a_number_beyond_all_numbers_is_no_attempt_and_no_change(classroom: Run) -> None:
    for command in ("show", "undo"):
        ran = classroom("gradebook", command, "9" * 30)
        assert ran.code == 2
        assert "9" * 30 in ran.err
