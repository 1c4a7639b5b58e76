"""The commands as a person calls them: output, exit codes, and what a mistake says."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import TINY, Run

SOLUTION = TINY / "reference" / "tiny" / "solution.py"
COURSE = ["--course", str(TINY)]


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.py"
    path.write_text(SOLUTION.read_text().replace("return 2 * x", "return x"))
    return path


def test_points_missing_is_exit_1_and_the_report_says_where(run: Run, wrong: Path) -> None:
    ran = run("check", "tiny", wrong, *COURSE)
    assert ran.code == 1
    assert "double(2) is 4." in ran.out
    assert "isolation level" in ran.out


def test_exit_zero_is_for_scripts(run: Run, wrong: Path) -> None:
    assert run("check", "tiny", wrong, "--exit-zero", *COURSE).code == 0


def test_all_points_of_a_problem_is_exit_0(run: Run) -> None:
    assert run("check", "tiny", SOLUTION, "--problem", "1", *COURSE).code == 0


def test_json_to_a_file_and_to_stdout(run: Run, wrong: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    assert "Total" in run("check", "tiny", wrong, "--json", target, *COURSE).out
    shown = run("check", "tiny", wrong, "--json", "-", *COURSE).out
    assert json.loads(target.read_text())["score"] == json.loads(shown)["score"] == 3.5


def test_a_path_to_nothing_is_a_mistake_in_the_command(run: Run, tmp_path: Path) -> None:
    report, exported = tmp_path / "report.json", tmp_path / "results.json"
    where = tmp_path / "nothere.py"
    ran = run("check", "tiny", where, "--json", report, f"--export=gradescope={exported}", *COURSE)
    assert ran.code == 2
    assert "There is nothing to grade at" in ran.err
    assert not report.exists()
    assert not exported.exists()


@pytest.mark.parametrize("to_stdout", [True, False])
def test_json_of_what_cannot_be_read_has_no_points(
    run: Run, tmp_path: Path, to_stdout: bool
) -> None:
    essay, target = tmp_path / "essay.pdf", tmp_path / "report.json"
    essay.write_text("no code")
    ran = run("check", "tiny", essay, "--json", "-" if to_stdout else target, *COURSE)
    report = json.loads(ran.out if to_stdout else target.read_text())
    assert (ran.code, report["score"]) == (1, 0)
    assert "The submission cannot be graded" in ran.err
    assert "essay.pdf" in report["notes"][0]


def test_json_to_a_folder_that_is_not_there(run: Run, wrong: Path, tmp_path: Path) -> None:
    ran = run("check", "tiny", wrong, "--json", tmp_path / "no" / "r.json", *COURSE)
    assert ran.code == 2
    assert "cannot be written" in ran.err


def test_the_current_folder_is_the_default(
    run: Run, wrong: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(wrong.parent)
    assert run("check", "tiny", *COURSE).code == 1


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["check", "hw99"], "no homework 'hw99'"),
        (["check", "tiny", SOLUTION, "--problem", "9"], "no problem '9'"),
        (["check", "tiny", SOLUTION, "--tests", "some"], "some"),
        (["check"], "Missing argument"),
        (["check"], "Name one of tiny."),
        (["start"], "Name one of tiny."),
        (["check", "TINY"], "Did you mean 'tiny'?"),
        (["check", "tinny"], "Did you mean 'tiny'?"),
        (["check", "mine/tiny.py"], "Name the homework first, then the file: tiny mine/tiny.py"),
        (["check", "tiny", SOLUTION, "--tests", "public", "--problem", "2"], "no public test of 2"),
        (["start", "hw99"], "no homework"),
        (["frobnicate"], "No such command"),
        (["grade"], "Did you mean grades or regrade?"),
        (["export", "moodle", SOLUTION], "Did you mean moodle-worksheet or moodle-gradebook?"),
        (["export", "moodle-workshet", SOLUTION], "Did you mean moodle-worksheet?"),
        (["check", "tiny", SOLUTION, "--export", "junitt=x"], "Did you mean junit?"),
        (["check", "tiny", SOLUTION, "--export", "canvas=x"], "a format for a class's grades"),
    ],
)
def test_a_mistake_in_the_command_is_exit_2(run: Run, args: list[object], words: str) -> None:
    course = COURSE if args[0] in ("check", "start") else []
    ran = run(*args, *course)
    assert ran.code == 2
    assert words in ran.err
    assert "Traceback" not in ran.err


def test_the_file_graded_is_named_as_it_was_given(
    run: Run, wrong: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(wrong.parent.parent)
    folder = wrong.parent.name
    for path in (folder, f"{folder}/tiny.py"):
        assert f"graded    {folder}/tiny.py" in run("check", "tiny", path, *COURSE).out


def test_a_file_of_another_name_brings_its_helpers(run: Run, tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("def twice(x):\n    return 2 * x\n")
    mine = tmp_path / "mine.py"
    text = SOLUTION.read_text().replace("return 2 * x", "return helper.twice(x)")
    mine.write_text("import helper\n" + text)
    ran = run("check", "tiny", mine, "--problem", "1", *COURSE)
    assert ran.code == 0, ran.out
    assert "Taken along from beside it: 'helper.py'." in ran.out


def test_points_of_tests_not_asked_for_are_told(run: Run) -> None:
    ran = run("check", "tiny", SOLUTION, "--tests", "public", *COURSE)
    assert "2 / 2  +3 hidden" in ran.out
    assert "All public tests pass; 8 more points are in hidden tests" in ran.out
    assert "Nothing is left to mend" not in ran.out
    assert "not in this checkout" not in ran.out


def test_a_broken_manifest_is_the_courses(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "assignments" / "x"
    folder.mkdir(parents=True)
    (folder / "assignment.toml").write_text('id = "y"\n')
    ran = run("check", "x", SOLUTION, "--course", tmp_path)
    assert ran.code == 3
    assert "Error in the course" in ran.err
    assert "assignment.toml" in ran.err


def test_hidden_tests_fail_closed_below_the_level(run: Run) -> None:
    ran = run("check", "tiny", SOLUTION, "--debug", "--require-isolation", "1", *COURSE)
    assert ran.code == 3
    assert "Nothing was run" in ran.err


def test_debug_runs_public_tests_in_this_process_and_prints_show(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "tiny.py"
    path.write_text("def double(x):\n    print('debugging', x)\n    return 2 * x\n")
    ran = run("check", "tiny", path, "--debug", *COURSE)
    assert ran.code == 0
    assert "debugging 2.0" in ran.out
    assert "2 / 2" in ran.out


def test_list_shows_what_is_here(run: Run) -> None:
    ran = run("list", *COURSE)
    assert ran.code == 0
    assert "A tiny homework" in ran.out
    assert "public and hidden tests here" in ran.out


def test_start_copies_the_starter_and_never_overwrites(run: Run, tmp_path: Path) -> None:
    ran = run("start", "tiny", tmp_path / "mine", *COURSE)
    assert ran.code == 0
    mine = tmp_path / "mine" / "tiny.py"
    mine.write_text("my work\n")
    again = run("start", "tiny", tmp_path / "mine", *COURSE)
    assert again.code == 2
    assert "left as it is" in again.err
    assert mine.read_text() == "my work\n"


def test_doctor_shows_the_level_and_each_canary(run: Run) -> None:
    ran = run("doctor")
    assert ran.code == 0
    assert "Isolation level" in ran.out
    assert "read a file outside" in ran.out
    isolation = json.loads(run("doctor", "--json").out)
    assert isolation["level"] >= 2
    assert all(canary["stopped"] for canary in isolation["canaries"] if canary["needed_for"] <= 2)


def test_a_students_checkout_has_public_tests_only(run: Run, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(TINY / "assignments", tmp_path / "assignments")
    ran = run("check", "tiny", SOLUTION, "--course", tmp_path)
    assert ran.code == 0
    assert "2 / 2" in ran.out
    ran = run("check", "tiny", SOLUTION, "--tests", "hidden", "--course", tmp_path)
    assert ran.code == 2
    assert "not in this checkout" in ran.err


def test_files_around_the_caller_change_nothing(wrong: Path) -> None:
    """conftest.py, pytest.ini, numpy.py and sitecustomize.py lie in the folder we are in."""
    here = wrong.parent
    for name in ("conftest.py", "numpy.py", "sitecustomize.py", "pytest.py", "msgpack.py"):
        (here / name).write_text("raise SystemExit('taken over')\n")
    (here / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    grader = Path(sys.executable).with_name("grader")
    command = [str(grader), "check", "tiny", str(wrong), "--json", "-", *COURSE]
    result = subprocess.run(command, cwd=here, capture_output=True, text=True)
    assert result.returncode == 1, result.stderr
    assert json.loads(result.stdout)["score"] == 3.5


def test_a_package_that_is_not_installed_is_named(run: Run, wrong: Path, tmp_path: Path) -> None:
    course = tmp_path / "course"
    shutil.copytree(TINY, course)
    manifest = course / "assignments" / "tiny" / "assignment.toml"
    manifest.write_text(manifest.read_text().replace('["numpy"]', '["numpy", "no_such.part"]'))
    ran = run("check", "tiny", wrong, "--course", course)
    assert ran.code == 2
    assert "tiny needs no_such, which is not installed" in ran.err
    assert "pip install no_such" in ran.err


def test_a_file_of_another_homework_is_noted_at_the_top(run: Run, tmp_path: Path) -> None:
    """A folder of two homeworks, and the file of the one checked as the other."""
    shutil.copytree(TINY, tmp_path / "course")
    tiny = tmp_path / "course" / "assignments" / "tiny"
    shutil.copytree(tiny, tiny.parent / "small")
    manifest = tiny.parent / "small" / "assignment.toml"
    text = manifest.read_text().replace('id = "tiny"', 'id = "small"')
    manifest.write_text(text.replace('module = "tiny"', 'module = "small"'))
    file = tmp_path / "small.py"
    file.write_text("")
    ran = run("check", "tiny", file, "--tests", "public", "--course", tmp_path / "course")
    assert "note      This looks like homework small: grader check small small.py" in ran.out


@pytest.mark.parametrize(("tests", "there"), [("public", True), ("all", False)])
def test_data_files_beside_a_file_stay_there_where_hidden_tests_run(
    run: Run, tmp_path: Path, tests: str, there: bool
) -> None:
    path = tmp_path / "tiny.py"
    path.write_text("open('roster.csv')\n")
    (tmp_path / "roster.csv").write_text("a,b")
    ran = run("check", "tiny", path, "--tests", tests, *COURSE)
    assert ("Taken along from beside it: 'roster.csv'" in ran.out) is there
    assert ("Left beside it: 'roster.csv'" in ran.out) is not there
