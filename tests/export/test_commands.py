"""`grader check --export` and `grader export` as they are called, in and out of Actions."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from grader.export.table import EMITTERS, names
from grader.report.serialise import to_json
from tests.conftest import TINY, Run
from tests.export.readers import obeyed
from tests.export.reports import HOSTILE_REPORT, MIXED, WITHHELD

SOLUTION = TINY / "reference" / "tiny" / "solution.py"
COURSE = ["--course", str(TINY)]


@pytest.fixture
def report_file(tmp_path: Path) -> Path:
    path = tmp_path / "report.json"
    path.write_text(to_json(MIXED))
    return path


def test_check_writes_what_is_asked_for(run: Run, tmp_path: Path) -> None:
    wrong = tmp_path / "tiny.py"
    wrong.write_text(SOLUTION.read_text().replace("return 2 * x", "return 1 / 0"))
    exports = [f"--export={name}={tmp_path / name}" for name in ("gradescope", "junit", "ctrf")]
    ran = run("check", "tiny", wrong, *exports, "--export", "github-annotations=-", *COURSE)
    assert ran.code == 1
    assert json.loads((tmp_path / "gradescope").read_text())["score"] == 3.5
    error = next(c for c in obeyed(ran.out) if c.name == "error")
    assert error.properties["file"] == "tiny.py"
    assert int(error.properties["line"]) == 12


RAISES = SOLUTION.read_text().replace("return 2 * x", "return 1 / 0")


def annotated(run: Run, submission: Path, ctrf: Path) -> tuple[dict[str, str], dict[str, object]]:
    """The properties of the first error, and the first test of CTRF that has a place."""
    exports = ["--export", "github-annotations=-", "--export", f"ctrf={ctrf}"]
    ran = run("check", "tiny", submission, *exports, "--tests", "public", *COURSE)
    error = next(c for c in obeyed(ran.out) if c.name == "error")
    tests = json.loads(ctrf.read_text())["results"]["tests"]
    return error.properties, next(test for test in tests if "filePath" in test)


def test_a_file_in_a_folder_is_named_by_its_path_in_the_repository(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "work/deep").mkdir(parents=True)
    (tmp_path / "work/deep/tiny.py").write_text(RAISES)
    error, test = annotated(run, tmp_path / "work", tmp_path / "ctrf")
    assert (error["file"], error["line"]) == ("work/deep/tiny.py", "12")
    assert (test["filePath"], test["line"]) == ("work/deep/tiny.py", 12)


def test_a_file_in_a_zip_and_a_cell_have_no_line_in_the_repository(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile(tmp_path / "student.zip", "w") as archive:
        archive.writestr("tiny.py", RAISES)
    cell = {"cell_type": "code", "source": RAISES, "metadata": {}, "outputs": []}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "tiny.ipynb").write_text(json.dumps(notebook))
    for name in ("student.zip", "tiny.ipynb"):
        error, test = annotated(run, tmp_path / name, tmp_path / "ctrf")
        assert (error["file"], error.get("line")) == (name, None)
        assert (test["filePath"], test.get("line")) == (name, None)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("gradescope", "names no file"),
        ("nothing=x", "no format 'nothing'"),
        ("canvas=x", "canvas is a format for a class's grades"),
    ],
)
def test_an_export_that_cannot_be_is_said_before_grading(run: Run, value: str, words: str) -> None:
    ran = run("check", "tiny", "nothing.py", "--export", value, *COURSE)
    assert ran.code == 2
    assert words in ran.err


def test_a_file_that_cannot_be_read_is_a_result_of_0_points(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "results.json"
    (tmp_path / "other").mkdir()
    ran = run("check", "tiny", tmp_path / "other", f"--export=gradescope={target}", *COURSE)
    assert ran.code == 1
    assert "cannot be graded" in ran.err
    value = json.loads(target.read_text())
    assert value["score"] == 0
    assert "Looked for tiny.py" in value["output"]
    assert sum(t["max_score"] for t in value["tests"]) == 10


def test_a_refused_format_leaves_no_old_file(run: Run, tmp_path: Path) -> None:
    report, target = tmp_path / "r.json", tmp_path / "results.json"
    report.write_text(to_json(WITHHELD))
    target.write_text('{"score": 6}')
    ran = run("export", "gradescope", report, "-o", target)
    assert ran.code == 3
    assert "a score would be a guess" in ran.err
    assert not target.exists()


def test_check_leaves_no_old_file_of_a_refused_format(
    run: Run, tmp_path: Path, course_at_fault: Path
) -> None:
    target = tmp_path / "results.json"
    target.write_text('{"score": 10}')
    ran = run(
        "check", "tiny", SOLUTION, f"--export=gradescope={target}", "--course", course_at_fault
    )
    assert ran.code == 3
    assert not target.exists()


@pytest.fixture
def course_at_fault(tmp_path: Path) -> Path:
    """The tiny course with a test that cannot judge."""
    course = tmp_path / "course"
    shutil.copytree(TINY, course)
    tests = course / "assignments/tiny/tests/test_public.py"
    tests.write_text(tests.read_text().replace("4.0, what", "undefined_name, what"))
    return course


@pytest.mark.parametrize("name", [n for n in names("report") if n != "classroom50"])
def test_every_format_of_a_report_comes_from_its_json(
    run: Run, report_file: Path, name: str
) -> None:
    ran = run("export", name, report_file)
    assert ran.code == 0
    assert ran.out


def test_a_class_is_exported_with_notes_on_stderr(run: Run, tmp_path: Path) -> None:
    grades = tmp_path / "grades.json"
    entries = [{"student": "a", "score": 5, "max_score": 10}, {"student": "b", "score": None}]
    grades.write_text(json.dumps({"homework": "hw3", "grades": entries}))
    book = tmp_path / "book.csv"
    book.write_text("Student,ID,SIS Login ID,hw3 (5)\nX,1,a,\n")
    target = tmp_path / "out.csv"
    ran = run("export", "canvas", grades, "--gradebook", book, "-o", target)
    assert ran.code == 0
    assert "left out: b" in ran.err
    assert target.read_text() == "Student,ID,SIS Login ID,hw3 (5)\nX,1,a,5.00\n"
    assert run("export", "csv", grades).out.splitlines()[1] == "a,,,5,10,graded"


HOSTILE_IDS = ("::error::taken over", "a\n::error::taken over", "##[error]taken over", "\u202e")


def test_in_actions_no_note_on_a_student_is_obeyed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A student's id can be the name of a folder, which students choose."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    grades, book = tmp_path / "grades.json", tmp_path / "book.csv"
    entries = [{"student": name, "score": 11, "max_score": 10} for name in HOSTILE_IDS]
    grades.write_text(json.dumps({"homework": "hw3", "grades": entries}))
    book.write_text("Student,ID,SIS Login ID,hw3 (5)\nX,1,a,\n")
    for downloaded in ([], ["--gradebook", book]):
        ran = run("export", "canvas" if downloaded else "csv", grades, *downloaded)
        assert ran.code == 0
        assert not obeyed(ran.err)
        assert "\u202e" not in ran.err
        assert "More points than the maximum: ::error::taken over (11 of 10)" in ran.err
    monkeypatch.delenv("GITHUB_ACTIONS")
    told = run("export", "canvas", grades, "--gradebook", book).err
    assert "a\\x0a::error::taken over" in told
    assert len(told.splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("gradescope", "--gradebook"),
        ("gradescope", "--column"),
        ("junit", "--source"),
        ("csv", "--source"),
        ("json", "--gradebook"),
        ("csv", "--column"),
        ("canvas", "--source"),
        ("moodle-worksheet", "--column"),
    ],
)
def test_an_option_that_a_format_has_no_use_for_is_refused(
    run: Run, report_file: Path, name: str, option: str
) -> None:
    ran = run("export", name, report_file, option, report_file)
    assert ran.code == 2
    assert f"{option} does not go with {name}." in ran.err


def test_the_formats_are_listed(run: Run) -> None:
    ran = run("export", "--list")
    assert ran.code == 0
    assert all(f"  {name} " in ran.out for name in EMITTERS)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["export"], "Name a format"),
        (["export", "x", "r.json"], "no format 'x'"),
        (["export", "junit"], "Name the file"),
        (["export", "junit", "not/there.json"], "cannot be read"),
        (["export", "junit", SOLUTION], "is no report"),
        (["export", "csv", SOLUTION], "not valid JSON"),
    ],
)
def test_a_mistake_is_exit_2(run: Run, args: list[object], words: str) -> None:
    ran = run(*args)
    assert ran.code == 2
    assert words in ran.err


def test_in_actions_no_output_of_a_command_is_obeyed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    report = tmp_path / "::error::x.json"
    report.write_text(to_json(HOSTILE_REPORT))
    for name in (n for n in names("report") if n not in ("classroom50", "github-annotations")):
        ran = run("export", name, report)
        assert not obeyed(ran.out + "\n" + ran.err), name
    commands = obeyed(run("export", "github-annotations", report).out)
    assert [command.name for command in commands] == ["error", "notice"]


def test_in_actions_the_report_on_the_terminal_is_not_obeyed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    path = tmp_path / "tiny.py"
    path.write_text(
        "def double(x):\n    print('::error::a\\n##[error]b')\n    raise ValueError('##[error]c')\n"
    )
    ran = run("check", "tiny", path, *COURSE)
    assert "##[error]" in ran.out
    assert not obeyed(ran.out + "\n" + ran.err)
    shown = run("check", "tiny", path, "--json", "-", *COURSE)
    assert not obeyed(shown.out)
    assert "##[error]c" in json.dumps(json.loads(shown.out))
    folder = tmp_path / "##[error]d"
    folder.mkdir()
    missing = run("check", "tiny", folder / "x.txt", *COURSE)
    assert missing.code == 2
    assert not obeyed(missing.err)
