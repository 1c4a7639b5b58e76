"""The workflow of students' repositories, run step by step as a runner of GitHub does it."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from grader.course.manifest import Course, load_course
from grader.course.suite import suite_files
from grader.errors import CourseError, UsageError
from grader.github.student import AUTOGRADER, CALLER, WORKFLOW, template, write_github
from grader.package.wheel import wheel
from grader.release.write import write_release
from grader.sealed import bundle, crypt
from tests.conftest import TINY
from tests.export.readers import matched, obeyed
from tests.export.schemas import CLASSROOM50
from tests.github.workflow import Runner, defaults, load
from tests.shims import python_shim

ROOT = Path(__file__).resolve().parents[2]
SOLUTION = (TINY / "reference" / "tiny" / "solution.py").read_text()
GRADE = load(template("grade.yml"))
INSTALL = ("Install the grader",)
NOWHERE = "git+https://git.invalid/grader@v1"
Student = Callable[..., Runner]


@pytest.fixture
def student(tmp_path: Path) -> Student:
    """A student's repository with `source` in tiny/tiny.py, and a runner for it."""

    def make(source: str | None, **given: Any) -> Runner:
        repository = tmp_path / "repository"
        shutil.copytree(TINY / "assignments", repository / "assignments")
        (repository / "course.toml").write_text('title = "Tiny"\n')
        if source is not None:
            (repository / "tiny").mkdir()
            (repository / "tiny" / "tiny.py").write_text(source)
        secrets = {"suite-key": given.pop("key", "")}
        variables = {"GRADER_SOURCE": given.pop("grader_source", "")}
        inputs = defaults(GRADE, {"homework": "tiny", **given})
        runner = Runner(
            repository=repository,
            temp=tmp_path / "temp",
            values={"inputs": inputs, "secrets": secrets, "vars": variables},
        )
        program = runner.temp / "grader" / "bin" / "grader"
        program.parent.mkdir(parents=True)
        program.symlink_to(Path(sys.executable).with_name("grader"))
        return runner

    return make


def seal_into(runner: Runner, course: Course) -> None:
    files = suite_files(course.assignment("tiny"))
    text = crypt.seal("tiny", bundle.pack(files), runner.values["secrets"]["suite-key"])
    (runner.repository / "tiny.sealed").write_text(text)


def test_what_this_repository_calls_is_what_students_get() -> None:
    assert (ROOT / ".github/workflows/grade.yml").read_text() == template("grade.yml")


def test_a_failing_line_is_annotated_and_the_job_is_red(student: Student) -> None:
    runner = student(SOLUTION.replace("return 2 * x", "raise ValueError('##[error]no')"))
    runner.run(GRADE["jobs"]["grade"], skip=INSTALL)
    assert runner.failed
    error = next(c for c in runner.steps["Check"].commands if c.name == "error")
    assert (error.name, error.properties["file"]) == ("error", "tiny/tiny.py")
    line = (
        (runner.repository / "tiny" / "tiny.py")
        .read_text()
        .split("\n")[int(error.properties["line"]) - 1]
    )
    assert "raise ValueError" in line
    assert runner.told is not None
    assert runner.told.annotation == (0, 2)
    assert runner.told.failed
    assert runner.steps["Verdict"].code == 1


HOSTILE = """
import sys
print("::error file=x::taken over")
print("::stop-commands::x")
print("::set-output name=result::x", file=sys.stderr)

def double(x):
    print("::warning::taken over\\r::notice::again\\n##[error]taken over")
    raise ValueError("::error::taken over\\n##[error]taken over | <script> [x](http://y)")
"""


def test_a_submission_cannot_issue_a_command(student: Student) -> None:
    runner = student(HOSTILE)
    runner.run(GRADE["jobs"]["grade"], skip=INSTALL)
    assert runner.told is not None
    for step in runner.steps.values():
        assert not [c for c in step.commands if c.message.startswith("taken over")], step.log
    names = [c.name for c in runner.steps["Check"].commands]
    assert names == ["remove-matcher", "error", "notice"]
    assert "##[error]" in runner.steps["Check"].log  # shown, between stop and resume
    assert not obeyed(runner.summary)
    assert not obeyed(runner.told.log)
    assert set(runner.steps["Check"].outputs) == {"code", "result"}


# long words, so that the report's own line breaks make two lines of a traceback
TRACEBACK = """
def double(x):
    place = 'File "tiny/tiny.py", line 1, in ' + 52 * "b"
    raise ValueError(83 * "a" + f" {place} raise ValueError('taken over')")
"""


def test_a_submission_cannot_have_the_runner_annotate_a_traceback(student: Student) -> None:
    runner = student(TRACEBACK)
    runner.run(GRADE["jobs"]["grade"], skip=INSTALL)
    log = runner.steps["Check"].log
    assert "raise ValueError('taken over')" in log
    assert matched(log.replace("::remove-matcher", "")) == ["tiny/tiny.py"]  # else it would
    assert not matched(log)
    (check,) = [s for s in GRADE["jobs"]["grade"]["steps"] if s.get("name") == "Check"]
    commands = [line for line in check["run"].splitlines() if not line.startswith("#")]
    assert commands[0] == 'echo "::remove-matcher owner=python::"'


def test_a_file_that_cannot_be_read_is_reported_as_0_points(student: Student) -> None:
    runner = student(None)
    (runner.repository / "tiny").mkdir()
    (runner.repository / "tiny" / "##[error]x.txt").write_text("")
    runner.run(GRADE["jobs"]["grade"], skip=INSTALL)
    assert runner.told is not None
    assert runner.told.annotation == (0, 2)
    assert "Looked for tiny&#46;py" in runner.summary
    assert runner.steps["Verdict"].code == 1
    assert not [c for c in runner.steps["Check"].commands if c.message == "x.txt."]


def test_a_homework_not_begun_is_no_failure(student: Student) -> None:
    runner = student(None)
    runner.run(GRADE["jobs"]["grade"])
    assert not runner.failed
    assert "Check" not in runner.steps
    assert runner.steps["find"].commands[0].properties["title"] == "Not begun"


def test_our_own_failure_is_red_and_no_score(student: Student) -> None:
    runner = student(SOLUTION)
    tests = runner.repository / "assignments/tiny/tests/test_public.py"
    tests.write_text(tests.read_text().replace("4.0, what", "undefined_name, what"))
    runner.run(GRADE["jobs"]["grade"], skip=INSTALL)
    assert runner.failed
    assert "**No total.**" in runner.summary
    assert runner.told is not None
    assert runner.told.annotation is None
    assert "not the submission's fault" in runner.steps["Verdict"].log


def test_hidden_tests_come_from_the_sealed_suite(student: Student, tiny_course: Course) -> None:
    runner = student(
        SOLUTION.replace("self.n += 1", "pass"), sealed="tiny.sealed", key=crypt.new_key()
    )
    seal_into(runner, tiny_course)
    # what the student can edit decides nothing
    (runner.repository / "assignments/tiny/tests/test_public.py").write_text("raise SystemExit\n")
    manifest = runner.repository / "assignments/tiny/assignment.toml"
    manifest.write_text(manifest.read_text().replace("= 2.5", "= 0"))
    runner.run(GRADE["jobs"]["grade"], skip=INSTALL)
    assert "**6.75 / 10 points**" in runner.summary
    key = runner.values["secrets"]["suite-key"]
    assert all(key not in step.log for step in runner.steps.values())


def test_without_the_key_the_public_tests_run(student: Student, tiny_course: Course) -> None:
    runner = student(SOLUTION, sealed="tiny.sealed")
    runner.run(GRADE["jobs"]["grade"], skip=INSTALL)
    assert not runner.failed
    assert "**2 / 2 points**" in runner.summary
    assert "8 more points are in hidden tests" in runner.summary
    titles = [c.properties.get("title") for c in runner.steps["Check"].commands]
    assert "Public tests only" in titles


@pytest.mark.parametrize(
    "source",
    [
        "",
        ".",
        "grader",
        "grader-0.1.0-py3-none-any.whl",
        ".github/../grader-0.1.0-py3-none-any.whl",
    ],
)
def test_a_source_that_is_no_url_and_not_below_github_is_refused(
    student: Student, source: str
) -> None:
    runner = student(SOLUTION, grader_source=source)
    (runner.repository / ".github").mkdir()
    (runner.repository / "grader-0.1.0-py3-none-any.whl").write_bytes(wheel()[1])
    runner.run(GRADE["jobs"]["grade"])
    assert runner.failed
    assert "GRADER_SOURCE" in runner.steps["Install the grader"].commands[0].message
    assert "Check" not in runner.steps


@pytest.mark.slow
@pytest.mark.parametrize("prefix", ["", "grader @ "], ids=["for-the-step", "for-pip"])
def test_a_folder_called_like_the_url_is_not_installed(
    student: Student, tmp_path: Path, prefix: str
) -> None:
    """What pip installs gets the key of the suite: it must not come from the student."""
    runner = student(SOLUTION, grader_source=NOWHERE, key="the key")
    lay_out_trap(runner.repository / f"{prefix}git+https:", tmp_path)
    install_for_real(runner, tmp_path)
    runner.run(GRADE["jobs"]["grade"])
    assert not (tmp_path / "taken over").exists()
    assert "git clone" in runner.steps["Install the grader"].log  # there is nothing to clone
    assert "Check" not in runner.steps


def lay_out_trap(folder: Path, tmp_path: Path) -> None:
    """A package called like NOWHERE; whoever builds it makes a file "taken over"."""
    package = folder / "git.invalid/grader@v1"
    package.mkdir(parents=True)
    package.joinpath("setup.py").write_text(f"open({str(tmp_path / 'taken over')!r}, 'w')\n")


def install_for_real(runner: Runner, tmp_path: Path) -> None:
    """Let the runner make its virtual environment itself; what is installed here serves there."""
    runner.values["vars"]["GRADER_PIP_ARGS"] = "--no-deps --no-build-isolation"
    shutil.rmtree(runner.temp, ignore_errors=True)
    runner.path = f"{python_shim(tmp_path / 'bin', 'python')}{os.pathsep}{runner.path}"


def test_what_pip_is_asked_for(student: Student, tmp_path: Path) -> None:
    fake = tmp_path / "fake"
    fake.mkdir()
    inner = 'mkdir -p "$4/bin"; printf "#!/bin/sh\\necho asked \\"\\$@\\"\\n" > "$4/bin/python"'
    (fake / "python").write_text(f'#!/bin/sh\n{inner}\nchmod +x "$4/bin/python"\n')
    (fake / "python").chmod(0o755)
    job = {"steps": [s for s in GRADE["jobs"]["grade"]["steps"] if s.get("name") in INSTALL]}
    job["steps"][0] = {k: v for k, v in job["steps"][0].items() if k != "if"}
    url = "git+https://git.example.org/course/grader@v1"
    runner = student(SOLUTION, grader_source=url, extras="torch", sealed="tiny.sealed")
    runner.path = f"{fake}{os.pathsep}{runner.path}"
    runner.run(job)
    asked = runner.steps["Install the grader"].log.strip()
    assert asked.endswith(f"grader[torch,sealed] @ {url}")
    assert "-I -m pip install" in asked
    runner.values["inputs"] |= {"extras": "", "sealed": ""}
    runner.run(job)
    assert runner.steps["Install the grader"].log.strip().endswith(f" grader @ {url}")


@pytest.mark.slow
def test_the_grader_is_installed_from_a_wheel_in_the_repository(
    student: Student, tmp_path: Path
) -> None:
    name, content = wheel()
    runner = student(SOLUTION, grader_source=f".github/{name}")
    (runner.repository / ".github").mkdir()
    (runner.repository / ".github" / name).write_bytes(content)
    for bad in ("pip.py", "venv.py", "grader.py"):
        (runner.repository / bad).write_text("raise SystemExit('taken over')\n")
    install_for_real(runner, tmp_path)
    runner.run(GRADE["jobs"]["grade"])
    assert not runner.failed, runner.steps["Install the grader"].log
    assert runner.told is not None
    assert runner.told.annotation == (2, 2)


def test_a_released_homework_grades_itself(tmp_path: Path) -> None:
    """`grader release hw3 DIR --github`, then a student's first push and a finished one."""
    repository = tmp_path / "repository"
    write_release(load_course(ROOT), ["hw3"], repository, extras=["github"])
    caller = load((repository / CALLER).read_text())["jobs"]["hw3"]
    assert caller["uses"] == f"./{WORKFLOW}"
    grade = load((repository / WORKFLOW).read_text())
    inputs = defaults(grade, caller["with"])
    runner = Runner(repository, tmp_path / "temp", {"inputs": inputs, "secrets": {}, "vars": {}})
    program = runner.temp / "grader" / "bin" / "grader"
    program.parent.mkdir(parents=True)
    program.symlink_to(Path(sys.executable).with_name("grader"))
    runner.run(grade["jobs"]["grade"], skip=INSTALL)
    assert not runner.failed
    assert runner.steps["find"].outputs["begun"] == "false"
    (repository / "hw3").mkdir()
    shutil.copy(ROOT / "reference/hw3/solution.py", repository / "hw3" / "hw3.py")
    runner.run(grade["jobs"]["grade"], skip=INSTALL)
    assert not runner.failed, runner.steps["Check"].log
    assert runner.told is not None
    assert runner.told.annotation is not None
    assert runner.told.annotation[0] == runner.told.annotation[1] > 0


@pytest.mark.slow
def test_a_released_homework_works_at_once(released: Callable[..., Runner], tmp_path: Path) -> None:
    """No variable, no secret, no other repository: what is released is all that the job needs."""
    runner = released(None)
    caller = load((runner.repository / CALLER).read_text())["jobs"]["tiny"]
    assert caller["uses"] == f"./{WORKFLOW}"
    runner.values["inputs"] = defaults(GRADE, caller["with"])
    (runner.repository / "tiny").mkdir()
    (runner.repository / "tiny/tiny.py").write_text(SOLUTION)
    install_for_real(runner, tmp_path)
    runner.run(load((runner.repository / WORKFLOW).read_text())["jobs"]["grade"])
    assert not runner.failed, runner.steps
    assert runner.told is not None
    assert runner.told.annotation == (2, 2)


def test_the_wheel_of_a_release_holds_the_grader_and_nothing_of_a_course() -> None:
    course = load_course(ROOT)
    files = write_github(course, [course.assignment("hw3")])
    (name,) = [name for name in files if name.endswith(".whl")]
    assert re.fullmatch(r"\.github/grader-[\w.]+-py3-none-any\.whl", name)
    with zipfile.ZipFile(io.BytesIO(files[name])) as archive:
        inside = {entry: archive.read(entry) for entry in archive.namelist()}
    assert all(re.match(r"grader/|grader-[\w.]+\.dist-info/", entry) for entry in inside)
    assert not [entry for entry in inside if "/templates/course" in entry or "/tests/" in entry]
    text = b"\n".join(inside.values()).decode("utf-8", "replace")
    for homework in course.assignments:
        for test in course.assignment(homework).tests:
            assert f"def {test.name}(" not in text


@pytest.fixture
def released(tmp_path: Path) -> Callable[[str | None], Runner]:
    """A release of the tiny homework, its starter edited unless that is None, and a runner."""

    def make(starter: str | None) -> Runner:
        repository = tmp_path / "repository"
        course = course_with(tmp_path / "course", "")
        write_release(course, ["tiny"], repository, extras=["github"])
        if starter is not None:
            (repository / "assignments/tiny/tiny.py").write_text(starter)
        inputs = defaults(GRADE, {"homework": "tiny"})
        values = {"inputs": inputs, "secrets": {}, "vars": {}}
        runner = Runner(repository, tmp_path / "temp", values)
        program = runner.temp / "grader" / "bin" / "grader"
        program.parent.mkdir(parents=True)
        program.symlink_to(Path(sys.executable).with_name("grader"))
        return runner

    return make


def test_a_starter_edited_where_it_was_released_is_graded(released: Callable[..., Runner]) -> None:
    runner = released(SOLUTION.replace("return 2 * x", "return x"))
    runner.run(GRADE["jobs"]["grade"], skip=INSTALL)
    (notice,) = runner.steps["find"].commands
    assert (notice.name, notice.properties["title"]) == ("notice", "Graded in place")
    assert runner.told is not None
    assert runner.told.annotation == (0, 2)
    assert runner.failed
    error = next(c for c in runner.steps["Check"].commands if c.name == "error")
    assert error.properties["file"] == "assignments/tiny/tiny.py"


def test_an_edited_starter_beside_the_work_is_told(released: Callable[..., Runner]) -> None:
    runner = released("raise SystemExit\n")
    (runner.repository / "tiny").mkdir()
    (runner.repository / "tiny/tiny.py").write_text(SOLUTION)
    runner.run(GRADE["jobs"]["grade"], skip=INSTALL)
    (warning,) = runner.steps["find"].commands
    assert (warning.name, warning.properties["title"]) == ("warning", "Two places")
    assert runner.told is not None
    assert runner.told.annotation == (2, 2)


def test_a_starter_as_released_is_not_begun(released: Callable[..., Runner]) -> None:
    runner = released(None)
    (runner.repository / "assignments/tiny/notes.py").write_text("mine = 1\n")
    runner.run(GRADE["jobs"]["grade"], skip=INSTALL)
    assert not runner.failed
    assert [c.properties["title"] for c in runner.steps["find"].commands] == ["Not begun"]


PINNED = (
    rf"\./{WORKFLOW}|actions/[\w-]+@[0-9a-f]{{40}} # v\d+\.\d+\.\d+"
    r"|classroom-resources/autograding-grading-reporter@v1"
)


def test_the_actions_are_pinned_and_the_same_everywhere() -> None:
    used: dict[str, set[str]] = {}
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        for uses in re.findall(r"uses: (.+)", path.read_text()):
            assert re.fullmatch(PINNED, uses), uses
            used.setdefault(uses.partition("@")[0], set()).add(uses)
    assert all(len(versions) == 1 for versions in used.values())


def test_the_workflows_keep_to_what_is_safe(tiny_course: Course) -> None:
    files = write_github(tiny_course, [tiny_course.assignment("tiny")])
    for name in (CALLER, WORKFLOW):
        text = files[name].decode()
        workflow = load(text)
        assert workflow["permissions"] == {"contents": "read"}
        assert "pull_request_target" not in text
        assert "set-env" not in text
        for uses in re.findall(r"uses: (.+)", text):
            assert re.fullmatch(PINNED, uses), uses
        for job in workflow["jobs"].values():
            for step in job.get("steps", ()):
                assert "${{" not in step.get("run", "")


def test_a_job_for_each_homework_and_torch_only_where_needed(tiny_course: Course) -> None:
    tiny = tiny_course.assignment("tiny")
    deep = replace(tiny, id="hw5", needs=("numpy", "torch"))
    caller = load(write_github(tiny_course, [tiny, deep])[CALLER].decode())
    assert caller["name"] == "Autograding Tests"
    given = {"homework": "tiny", "grader": f".github/{wheel()[0]}"}
    assert caller["jobs"]["tiny"] == {"uses": f"./{WORKFLOW}", "with": given}
    assert caller["jobs"]["hw5"]["with"] == {**given, "homework": "hw5", "extras": "torch"}
    for job in caller["jobs"].values():
        defaults(GRADE, job["with"])


def course_with(folder: Path, github: str) -> Course:
    shutil.copytree(TINY, folder)
    (folder / "course.toml").write_text(f'title = "T"\n{github}')
    return load_course(folder)


def test_the_course_names_the_workflow_and_the_grader(tmp_path: Path) -> None:
    central = "org/grader/.github/workflows/grade.yml@main"
    table = f'[github]\nworkflow = "{central}"\ngrader = "git+https://x.example/g"\n'
    course = course_with(tmp_path / "course", table)
    files = write_github(course, [course.assignment("tiny")])
    assert set(files) == {CALLER, AUTOGRADER}
    job = yaml.safe_load(files[CALLER])["jobs"]["tiny"]
    assert job["uses"] == central
    assert job["with"]["grader"] == "git+https://x.example/g"


def test_a_sealed_suite_is_released_while_it_is_of_the_tests_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = course_with(tmp_path / "course", "[github]\nsealed = true\n")
    tiny = course.assignment("tiny")
    with pytest.raises(CourseError, match="no sealed suite to release") as missing:
        write_github(course, [tiny])
    assert str(missing.value.hint).startswith("grader seal tiny --out ")
    key = crypt.new_key()
    sealed = tmp_path / "course/reference/tiny/tiny.sealed"
    sealed.write_text(crypt.seal("tiny", bundle.pack(suite_files(tiny)), key))
    monkeypatch.delenv("GRADER_SUITE_KEY", raising=False)
    with pytest.raises(UsageError, match="GRADER_SUITE_KEY is not set"):
        write_github(course, [tiny])
    monkeypatch.setenv("GRADER_SUITE_KEY", crypt.new_key())
    with pytest.raises(UsageError, match="does not open"):
        write_github(course, [tiny])
    monkeypatch.setenv("GRADER_SUITE_KEY", key)
    files = write_github(course, [tiny])
    assert files["assignments/tiny/tiny.sealed"] == sealed.read_bytes()
    job = yaml.safe_load(files[CALLER])["jobs"]["tiny"]
    assert job["with"]["sealed"] == "assignments/tiny/tiny.sealed"
    assert job["secrets"] == {"suite-key": "${{ secrets.GRADER_SUITE_KEY }}"}
    assert key.encode() not in b"".join(files.values())
    hidden = tmp_path / "course/reference/tiny/tests/test_hidden.py"
    hidden.write_text(hidden.read_text() + "# stricter\n")
    with pytest.raises(CourseError, match="other tests than tiny has now") as stale:
        write_github(course, [tiny])
    assert "grader seal tiny --out" in str(stale.value.hint)


@pytest.mark.parametrize(
    "table",
    [
        "github = 3",
        '[github]\nworkflow = "x"',
        "[github]\nseal = true",
        "[github]\nsealed = 1",
        '[github]\ngrader = "wheels/grader.whl"',
        '[github]\ngrader = ".github/../grader.whl"',
        '[github]\ngrader = "grader"',
    ],
)
def test_a_wrong_table_is_the_courses_fault(tmp_path: Path, table: str) -> None:
    course = course_with(tmp_path / "course", table)
    with pytest.raises(CourseError, match="github"):
        write_github(course, [course.assignment("tiny")])


CLASSROOM = {
    "CLASSROOM": "cs-test",
    "ASSIGNMENT": "tiny",
    "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d",
    "USERNAME": "alice",
    "OWNER": "alice",
    "ASSIGNMENT_TYPE": "individual",
    "COMMIT_URL": "https://example.org/c",
    "RELEASE_URL": "https://example.org/r",
    "REVIEW_URL": "https://example.org/v",
}


def autograder(
    course: Course, checkout: Path, bundle_folder: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    bundle_folder.mkdir(exist_ok=True)
    script = bundle_folder / "autograder.py"
    script.write_bytes(write_github(course, [course.assignment("tiny")])[AUTOGRADER])
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin:/bin"
    return subprocess.run(
        [sys.executable, str(script)],
        cwd=checkout,
        env={"PATH": path, "HOME": str(checkout), **CLASSROOM, **environment},
        capture_output=True,
        text=True,
    )


def test_classroom50_gets_its_result(student: Student, tiny_course: Course, tmp_path: Path) -> None:
    checkout = student(SOLUTION.replace("return 2 * x", "return x")).repository
    ran = autograder(tiny_course, checkout, tmp_path / "bundle")
    assert ran.returncode == 0, ran.stderr
    value = json.loads((checkout / "result.json").read_text())
    jsonschema.validate(value, CLASSROOM50, cls=jsonschema.Draft202012Validator)
    assert (value["score"], value["max-score"]) == (0, 200)
    assert "**0 / 2 points**" in (checkout / "release-body.md").read_text()
    (checkout / "tiny" / "tiny.py").unlink()
    ran = autograder(tiny_course, checkout, tmp_path / "bundle", GITHUB_ACTIONS="true")
    assert ran.returncode == 0
    assert ran.stdout.startswith("::remove-matcher owner=python::\n")
    assert json.loads((checkout / "result.json").read_text())["score"] == 0
    lacking = autograder(tiny_course, checkout, tmp_path / "bundle", COMMIT_URL="")
    assert lacking.returncode == 2
    assert not (checkout / "result.json").exists()


def test_classroom50_takes_a_sealed_suite_of_the_bundle(
    student: Student, tiny_course: Course, tmp_path: Path
) -> None:
    runner = student(SOLUTION, key=crypt.new_key())
    seal_into(runner, tiny_course)
    (tmp_path / "bundle").mkdir()
    (runner.repository / "tiny.sealed").rename(tmp_path / "bundle" / "tiny.sealed")
    key = runner.values["secrets"]["suite-key"]
    ran = autograder(tiny_course, runner.repository, tmp_path / "bundle", GRADER_SUITE_KEY=key)
    assert ran.returncode == 0, ran.stderr
    value = json.loads((runner.repository / "result.json").read_text())
    assert (value["score"], value["max-score"]) == (925, 1000)


@pytest.mark.slow
def test_classroom50_installs_no_folder_called_like_the_url(
    student: Student, tiny_course: Course, tmp_path: Path
) -> None:
    checkout = student(SOLUTION).repository
    lay_out_trap(checkout / "grader @ git+https:", tmp_path)
    there = {"PATH": "/usr/bin:/bin", "PIP_NO_BUILD_ISOLATION": "0"}  # 0: none, oddly
    ran = autograder(tiny_course, checkout, tmp_path / "bundle", GRADER_SOURCE=NOWHERE, **there)
    assert ran.returncode != 0
    assert not (tmp_path / "taken over").exists()
    assert "git clone" in ran.stderr
    lacking = autograder(tiny_course, checkout, tmp_path / "bundle", GRADER_SOURCE=".", **there)
    assert "set GRADER_SOURCE to a URL" in lacking.stderr
