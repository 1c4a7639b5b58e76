"""A release holds what students get and nothing more, and can be brought up to date."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from grader.course.manifest import Course, load_course
from grader.course.percent import solution_blocks
from grader.errors import CourseError, UsageError
from grader.release import new_course as new_course_module
from grader.release import write
from grader.release.write import RECORD_FILE, write_release

from .conftest import SEED

OURS = Path(__file__).parents[2]
EXPECTED = {
    ".gitignore",
    ".release.json",
    "README.md",
    "assignments/neuron/assignment.toml",
    "assignments/neuron/handout.md",
    "assignments/neuron/neuron.ipynb",
    "assignments/neuron/neuron.py",
    "assignments/neuron/quiz.toml",
    "assignments/neuron/tests/test_public.py",
    "course.toml",
}


def names(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def grader(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader", *args]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_a_release_holds_these_files_and_no_others(course: Course, tmp_path: Path) -> None:
    done = write_release(course, ["neuron"], tmp_path / "out")
    assert names(tmp_path / "out") == EXPECTED
    assert done.homeworks == ("neuron",)
    assert done.left_out == ()


def test_nothing_private_is_in_it(course: Course, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_release(course, ["neuron"], out)
    everything = "\n".join(path.read_text() for path in out.rglob("*") if path.is_file())
    assert str(SEED) not in everything
    assert tomllib.loads((out / "course.toml").read_text()) == {"title": "A course for tests"}
    for secret in (
        "errors = predict(X, w, b) - t",  # lines of the solution
        "w = w - step_size * dw",
        "np.sum(dy)",
        "mean_loss",  # hidden tests
        "def test_fit_finds_the_line",
        "explanation",  # the key
        '"q1": "a"',
        "summed-instead-of-averaged",  # the bank
        "reference/",
    ):
        assert secret not in everything


@pytest.mark.parametrize("homework", load_course(OURS).assignments)
def test_no_homework_of_ours_gives_itself_away(homework: str, tmp_path: Path) -> None:
    """Greps the release for every long line of the solution, for hidden tests and keys."""
    course = load_course(OURS)
    assignment = course.assignment(homework)
    assert assignment.reference is not None
    write_release(course, [homework], tmp_path)
    texts = {p: p.read_text() for p in tmp_path.rglob("*") if p.suffix in (".py", ".ipynb", ".md")}
    solution = assignment.reference / "solution.py"
    lines = solution.read_text(encoding="utf-8").split("\n")
    starter = texts[tmp_path / "assignments" / homework / f"{assignment.module}.py"]
    for block in solution_blocks("\n".join(lines), solution):
        for line in lines[block.begin : block.end - 1]:
            code = line.split("  #")[0].strip()
            if len(code) < 24 or code.startswith("#") or f" {code}\n" in starter:
                continue
            for path, text in texts.items():
                if path.parent.name != "tests":  # tests may state inputs as the solution does
                    assert code not in text, path
    hidden = [test.name for test in assignment.tests if test.visibility == "hidden"]
    for path, text in texts.items():
        for name in hidden:
            assert f"def {name}" not in text, path
        assert "quiz_key" not in text, path
        assert "explanation" not in (tmp_path / f"assignments/{homework}/quiz.toml").read_text()


def test_students_can_work_in_it(course: Course, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_release(course, ["neuron"], out)
    readme = (out / "README.md").read_text()
    assert "pip install the-grader" in readme
    assert "**Work in `neuron/`, not in `assignments/`**" in readme
    for command in (["start", "neuron"], ["check", "neuron", "neuron/neuron.py"]):
        assert f"    grader {' '.join(command)}\n" in readme
        done = grader(*command, cwd=out)
        assert done.returncode in (0, 1), done.stderr
    assert "0 / 30" in done.stdout
    solution = folder / "reference/neuron/solution.py"
    (out / "neuron/neuron.py").write_text(solution.read_text())
    done = grader("check", "neuron", "neuron", cwd=out)
    assert (done.returncode, "30 / 30" in done.stdout) == (0, True)


def test_the_same_course_gives_the_same_bytes(course: Course, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_release(course, ["neuron"], tmp_path / name)
    for name in names(tmp_path / "a"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    again = write_release(course, ["neuron"], tmp_path / "a")
    assert again.written == ()


def second_homework(folder: Path) -> Course:
    """The course with a copy of its homework, named other."""
    for part in ("assignments", "reference"):
        for path in sorted((folder / part / "neuron").rglob("*")):
            target = folder / part / "other" / path.relative_to(folder / part / "neuron")
            if path.is_file() and path.suffix != ".ipynb":
                target.parent.mkdir(parents=True, exist_ok=True)
                text = path.read_text().replace('"neuron"', '"other"')
                target.with_name(target.name.replace("neuron", "other")).write_text(text)
    course = load_course(folder)
    from grader.course.starter import build

    build(course.assignment("other"))
    return course


def test_a_second_homework_joins_the_first(folder: Path, tmp_path: Path) -> None:
    course, out = second_homework(folder), tmp_path / "out"
    write_release(course, ["neuron"], out)
    done = write_release(course, ["other"], out)
    assert done.homeworks == ("neuron", "other")
    assert "assignments/other/other.py" in names(out)
    readme = (out / "README.md").read_text()
    assert "[neuron](" in readme
    assert "[other](" in readme
    assert all("neuron/" not in name for name in done.written)


def test_a_file_that_is_gone_from_the_course_goes(folder: Path, tmp_path: Path) -> None:
    figure = folder / "assignments/neuron/figures/line.svg"
    figure.parent.mkdir()
    figure.write_text("<svg/>")
    out = tmp_path / "out"
    write_release(load_course(folder), ["neuron"], out)
    assert (out / "assignments/neuron/figures/line.svg").is_file()
    figure.unlink()
    done = write_release(load_course(folder), ["neuron"], out)
    assert done.removed == ("assignments/neuron/figures/line.svg",)
    assert names(out) == EXPECTED


def test_other_files_are_left_out_and_named(folder: Path, tmp_path: Path) -> None:
    for name in ("notes.txt", "tests/helper.py", "solution.py", ".hidden"):
        (folder / "assignments/neuron" / name).write_text("x = 1\n")
    done = write_release(load_course(folder), ["neuron"], tmp_path / "out")
    assert names(tmp_path / "out") == EXPECTED
    assert [Path(name).name for name in done.left_out] == [
        ".hidden", "notes.txt", "solution.py", "helper.py"
    ]  # fmt: skip


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (folder / "assignments/neuron/figures").mkdir()
    (folder / "assignments/neuron/figures/a.svg").symlink_to(
        folder / "reference/neuron/solution.py"
    )
    write_release(load_course(folder), ["neuron"], tmp_path / "out")
    assert names(tmp_path / "out") == EXPECTED


@pytest.mark.parametrize(
    ("file", "text", "what"),
    [
        ("handout.md", "\n        dw, db = gradient(X, t, w, b)\n", "a line of the solution"),
        ("tests/test_public.py", "\ndef test_quiz_q1(): 0\n", "hidden test test_quiz_q1"),
        ("quiz.toml", '\n[[question]]\nid = "q2"\nanswer = "b"\n', "an answer to q2"),
        ("tests/test_public.py", '\nanswers = {"q1": "a"}\n', "an answer to q1"),
        ("handout.md", f"\nseed {SEED}\n", "the course's seed"),
        ("handout.md", "\nA step that is too long ends on the other side of the valley, higher\n"
         "than before.\n", "the explanation of the answer to q1"),
    ],
)  # fmt: skip
def test_what_gives_away_is_refused(
    folder: Path, tmp_path: Path, file: str, text: str, what: str
) -> None:
    path = folder / "assignments/neuron" / file
    path.write_text(path.read_text() + text)
    with pytest.raises(CourseError, match=what):
        write_release(load_course(folder), ["neuron"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_out_of_date_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "assignments/neuron/neuron.py").write_text("x = 1\n")
    with pytest.raises(CourseError, match=r"neuron is out of date: neuron\.py"):
        write_release(load_course(folder), ["neuron"], tmp_path / "out")


def test_a_folder_with_other_things_is_refused(course: Course, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.tex").write_text("mine")
    with pytest.raises(UsageError, match=r"not empty \(thesis.tex is there\)"):
        write_release(course, ["neuron"], tmp_path / "out")
    assert names(tmp_path / "out") == {"thesis.tex"}
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is no folder"):
        write_release(course, ["neuron"], tmp_path / "file")


def test_a_fresh_repository_is_as_good_as_an_empty_folder(course: Course, tmp_path: Path) -> None:
    (tmp_path / "out/.git").mkdir(parents=True)
    write_release(course, ["neuron"], tmp_path / "out")


def test_changes_made_in_the_release_are_kept(course: Course, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_release(course, ["neuron"], out)
    starter = out / "assignments/neuron/neuron.py"
    starter.write_text("# my work\n")
    with pytest.raises(UsageError, match="was changed since it was released"):
        write_release(course, ["neuron"], out)
    assert starter.read_text() == "# my work\n"
    write_release(course, ["neuron"], out, force=True)
    assert starter.read_text() != "# my work\n"


def test_a_record_cannot_lead_out_of_the_folder(course: Course, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_release(course, ["neuron"], out)
    (tmp_path / "precious").write_text("x")
    record = json.loads((out / RECORD_FILE).read_text())
    record["files"]["../precious"] = "0"
    (out / RECORD_FILE).write_text(json.dumps(record))
    with pytest.raises(UsageError, match="leads out of the folder"):
        write_release(course, ["neuron"], out, force=True)
    assert (tmp_path / "precious").is_file()


def test_further_files_come_from_writers(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def writer(course: Course, assignments: object) -> dict[str, bytes]:
        return {"extra/title.txt": course.title.encode()}

    monkeypatch.setitem(write.WRITERS, "extra", ("Words.", writer))
    write_release(course, ["neuron"], tmp_path / "out", extras=["extra"])
    assert (tmp_path / "out/extra/title.txt").read_text() == "A course for tests"


def test_what_was_asked_for_once_stays_until_it_is_refused(folder: Path, tmp_path: Path) -> None:
    course, out = second_homework(folder), tmp_path / "out"
    write_release(course, ["neuron"], out, extras=["github"])
    workflows = {name for name in names(out) if name.startswith(".github/")}
    assert len(workflows) == 4
    done = write_release(course, ["other"], out)
    assert done.removed == ()
    assert {name for name in names(out) if name.startswith(".github/")} == workflows
    assert "  other:\n" in (out / ".github/workflows/autograding.yml").read_text()
    write_release(course, ["other"], out, without=["github"])
    assert not [name for name in names(out) if name.startswith(".github/")]
    assert write_release(course, ["other"], out).written == ()


def test_a_record_of_before_keeps_the_workflows(course: Course, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_release(course, ["neuron"], out, extras=["github"])
    record = json.loads((out / RECORD_FILE).read_text())
    del record["extras"]
    (out / RECORD_FILE).write_text(json.dumps(record))
    assert write_release(course, ["neuron"], out).removed == ()


def test_the_command_remembers_and_forgets_the_workflows(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for option, there in (("--github", True), ("", True), ("--no-github", False), ("", False)):
        done = grader("release", "neuron", str(out), *option.split(), cwd=folder)
        assert done.returncode == 0, done.stderr
        assert (out / ".github/workflows/grade.yml").is_file() == there


def test_students_install_the_wheel_of_their_repository(folder: Path, tmp_path: Path) -> None:
    (folder / "course.toml").write_text('title = "T"\n')
    write_release(load_course(folder), ["neuron"], tmp_path / "out", extras=["github"])
    readme = (tmp_path / "out/README.md").read_text()
    (wheel,) = (tmp_path / "out/.github").glob("*.whl")
    assert f"    pip install .github/{wheel.name}\n" in readme
    write_release(load_course(OURS), ["hw5"], tmp_path / "deep", extras=["github"])
    readme = (tmp_path / "deep/README.md").read_text()
    assert f"    pip install '.github/{wheel.name}[torch]'\n" in readme


def test_a_course_without_a_title_is_not_called_by_its_folder(folder: Path, tmp_path: Path) -> None:
    (folder / "course.toml").unlink()
    write_release(load_course(folder), ["neuron"], tmp_path / "out")
    assert (tmp_path / "out/README.md").read_text().startswith("# Homeworks\n")
    assert (tmp_path / "out/course.toml").read_text() == 'title = "Homeworks"\n'


def test_a_grader_of_students_makes_no_course(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_course_module, "_TEMPLATE", "templates/nothing")
    with pytest.raises(UsageError, match="without the new course"):
        new_course_module.new_course(tmp_path / "new", "T")


def test_the_command(folder: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    done = grader("release", "neuron", out, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "written: assignments/neuron/neuron.py" in done.stdout
    done = grader("release", "--all", out, cwd=folder)
    assert "Everything is up to date." in done.stdout
    for args in (["release", out], ["release"], ["release", "--all", "neuron", out]):
        assert grader(*args, cwd=folder).returncode == 2
    assert grader("release", "hw99", out, cwd=folder).returncode == 2


def test_a_students_checkout_releases_nothing(course: Course, tmp_path: Path) -> None:
    write_release(course, ["neuron"], tmp_path / "students")
    with pytest.raises(UsageError, match="no reference/neuron here"):
        write_release(load_course(tmp_path / "students"), ["neuron"], tmp_path / "again")
    assert not (tmp_path / "again").exists()
