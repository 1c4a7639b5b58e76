"""How each tool is set up for the twelve tests, run on a class, and asked for the scores.

A tool is prepared without being timed. Then its lanes are run at once, the commands of a lane one
after the other; so every tool has two processes to work with.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from benchmarks.other_tools.submissions import RIGHT, TWELVE, test_names

VENVS = Path(__file__).resolve().parents[1] / ".venvs"
LANES = 2


class Skipped(Exception):
    """The tool cannot be run here; the word says why."""


@dataclass(frozen=True)
class Command:
    arguments: list[str]
    folder: Path


Class = dict[str, tuple[str, int]]
Lanes = list[list[Command]]


@dataclass(frozen=True)
class Tool:
    """`prepare(folder, class)` gives the lanes, `scores(folder, outputs)` who got how many."""

    name: str
    prepare: Callable[[Path, Class], Lanes]
    scores: Callable[[Path, list[str]], dict[str, float]]


def program(venv: str, name: str) -> str:
    path = VENVS / venv / "bin" / name
    if not path.is_file():
        raise Skipped("not installed: benchmarks/other_tools/install.sh")
    return str(path)


def dealt(commands: list[Command]) -> Lanes:
    return [commands[lane::LANES] for lane in range(LANES)]


def student_folders(folder: Path, class_: Class) -> list[Path]:
    for student, (source, _) in class_.items():
        (folder / student).mkdir(parents=True)
        (folder / student / "work.py").write_text(source, "utf-8")
    return sorted(folder.iterdir())


# ours

BARE_HOLD = "    assert condition\n"
OUR_HOLD = """\
    from grader.testing import check

    check(condition, what="the value", expected="the right one", got="another")
"""


def prepare_ours(folder: Path, class_: Class) -> Lanes:
    course, home = folder / "course", folder / "course" / "assignments" / "twelve"
    hidden = course / "reference" / "twelve" / "tests"
    for path in (home, hidden):
        path.mkdir(parents=True)
    (course / "course.toml").write_text('title = "Twelve tests"\nseed = 1\n')
    tests = "".join(f"{name} = 1\n" for name in test_names())
    functions = ", ".join(f'"{name}"' for name in re.findall(r"^def (\w+)", RIGHT, re.M))
    (home / "assignment.toml").write_text(
        'id = "twelve"\ntitle = "Twelve tests"\nmodule = "work"\nneeds = ["numpy"]\n'
        f'time_budget_s = 5\n\n[[problem]]\nid = "1"\ntitle = "All"\nexports = [{functions}]\n'
        f"[problem.hidden]\n{tests}"
    )
    (home / "work.py").write_text(RIGHT)
    (hidden.parent / "solution.py").write_text(RIGHT)
    assert BARE_HOLD in TWELVE.read_text("utf-8")
    ours = TWELVE.read_text("utf-8").replace(BARE_HOLD, OUR_HOLD)
    (hidden / "test_twelve.py").write_text(ours)
    student_folders(folder / "class", class_)
    grader = str(Path(sys.executable).with_name("grader"))
    options = ["--gradebook", "grades.db", "--judges", str(LANES), "--json-lines"]
    options += ["--course", str(course)]
    return [[Command([grader, "batch", "twelve", "class", *options], folder)]]


def scores_of_ours(_folder: Path, outputs: list[str]) -> dict[str, float]:
    lines = [json.loads(line) for output in outputs for line in output.splitlines()]
    return {line["student"]: line["score"] for line in lines}


# bare pytest, a process for each submission

CONFTEST = """\
import pytest


@pytest.fixture
def student():
    import work

    return work
"""


def prepare_pytest(folder: Path, class_: Class) -> Lanes:
    students = student_folders(folder / "class", class_)
    for student in students:
        (student / "conftest.py").write_text(CONFTEST)
        shutil.copy(TWELVE, student / "test_twelve.py")
    # exit codes 0 and 1 are both well; the shell makes them the same
    shell = f"{sys.executable} -m pytest -q -p no:cacheprovider -c /dev/null --rootdir . . ; true"
    return dealt([Command(["sh", "-c", f"echo {s.name}; {shell}"], s) for s in students])


def scores_of_pytest(_folder: Path, outputs: list[str]) -> dict[str, float]:
    found = {}
    for output in outputs:
        passed = re.search(r"(\d+) passed", output)
        found[output.split()[0]] = float(passed[1]) if passed else 0.0
    return found


# gradescope-utils

RUN_TESTS = """\
import sys
import unittest

from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner

sys.path[:0] = ["."]
suite = unittest.defaultTestLoader.discover(".", pattern="graded.py")
with open("results.json", "w") as file:
    JSONTestRunner(visibility="visible", stream=file).run(suite)
"""


def prepare_gradescope(folder: Path, class_: Class) -> Lanes:
    python = program("gradescope", "python")
    students = student_folders(folder / "class", class_)
    methods = "".join(
        f"    @weight(1)\n    def {name}(self):\n        twelve.{name}(work)\n\n"
        for name in test_names()
    )
    head = (
        "import unittest\n\nfrom gradescope_utils.autograder_utils.decorators import weight\n"
        "import twelve\nimport work\n\n\nclass Twelve(unittest.TestCase):\n"
    )
    for student in students:
        shutil.copy(TWELVE, student / "twelve.py")
        (student / "graded.py").write_text(head + methods)
        (student / "run_tests.py").write_text(RUN_TESTS)
    return dealt([Command([python, "run_tests.py"], student) for student in students])


def scores_of_gradescope(folder: Path, _outputs: list[str]) -> dict[str, float]:
    return {
        path.parent.name: json.loads(path.read_text())["score"]
        for path in folder.glob("class/*/results.json")
    }


# otter run

OTTER_TEST = """\
OK_FORMAT = False

from otter.test_files import test_case

name = "{name}"
points = 1


@test_case(points=1)
def check(env):
    import types

    import twelve

    twelve.{name}(types.SimpleNamespace(**env))
"""


def prepare_otter(folder: Path, class_: Class) -> Lanes:
    otter = program("otter", "otter")
    tests = folder / "tests"
    tests.mkdir(parents=True)
    for name in test_names():
        (tests / f"{name}.py").write_text(OTTER_TEST.format(name=name))
    shutil.copy(TWELVE, folder / "twelve.py")
    arguments = ["generate", "-t", "tests", "-o", "autograder.zip", "--no-requirements"]
    must_run([otter, *arguments, "--no-environment", "twelve.py"], folder)
    commands = []
    for student, (source, _) in class_.items():
        place = folder / "class" / student
        place.mkdir(parents=True)
        write_notebook(place / "work.ipynb", [new_code_cell(source)])
        arguments = ["run", "-a", str(folder / "autograder.zip"), "--no-logo", "work.ipynb"]
        commands.append(Command([otter, *arguments], place))
    return dealt(commands)


def scores_of_otter(folder: Path, _outputs: list[str]) -> dict[str, float]:
    found = {}
    for path in folder.glob("class/*/results.json"):
        tests = json.loads(path.read_text())["tests"]
        found[path.parent.name] = sum(test.get("score") or 0.0 for test in tests)
    return found


# nbgrader autograde: it works in one process, so each lane has a course of its own


def prepare_nbgrader(folder: Path, class_: Class) -> Lanes:
    nbgrader = program("nbgrader", "nbgrader")
    lanes = []
    for lane in range(LANES):
        course = folder / f"lane{lane}"
        (course / "source" / "ps").mkdir(parents=True)
        (course / "nbgrader_config.py").write_text(
            'c = get_config()\nc.CourseDirectory.course_id = "bench"\n'
        )
        write_notebook(course / "source" / "ps" / "work.ipynb", nbgrader_cells(RIGHT))
        must_run([nbgrader, "generate_assignment", "ps"], course)
        for student in list(class_)[lane::LANES]:
            place = course / "submitted" / student / "ps"
            place.mkdir(parents=True)
            write_notebook(place / "work.ipynb", nbgrader_cells(class_[student][0]))
        lanes.append([Command([nbgrader, "autograde", "ps"], course)])
    return lanes


def nbgrader_cells(source: str) -> list[nbformat.NotebookNode]:
    def cell(text: str, name: str, **more: object) -> nbformat.NotebookNode:
        kind = {"grade": False, "solution": False, "locked": True, "task": False, **more}
        metadata = {"nbgrader": {"grade_id": name, "schema_version": 3, **kind}}
        return new_code_cell(text, metadata=metadata)

    read = TWELVE.read_text("utf-8") + "\nimport types\n"
    call = "{}(types.SimpleNamespace(**globals()))"
    return [
        cell(source, "work", solution=True, locked=False),
        cell(read, "twelve"),
        *(cell(call.format(name), name, grade=True, points=1) for name in test_names()),
    ]


def scores_of_nbgrader(folder: Path, _outputs: list[str]) -> dict[str, float]:
    found = {}
    for course in sorted(folder.glob("lane*")):
        must_run([program("nbgrader", "nbgrader"), "export", "--to", "grades.csv"], course)
        with (course / "grades.csv").open(newline="") as file:
            found |= {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    return found


def write_notebook(path: Path, cells: list[nbformat.NotebookNode]) -> None:
    for number, cell in enumerate(cells):
        cell["id"] = f"cell{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


def run(command: Command) -> subprocess.CompletedProcess[str]:
    """Run it with one thread for linear algebra, its own programs first on the PATH."""
    path = f"{Path(command.arguments[0]).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command.arguments,
        cwd=command.folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PATH": path},
    )


def must_run(arguments: list[str], folder: Path) -> None:
    """Run it; Skipped with its last line where it fails."""
    result = run(Command(arguments, folder))
    if result.returncode:
        said = (result.stderr.strip() or result.stdout.strip() or "no output").splitlines()
        last = next((line for line in reversed(said) if "Error:" in line), said[-1])
        raise Skipped(f"{Path(arguments[0]).name} {arguments[1]}: {last}")


TOOLS = (
    Tool("grader batch", prepare_ours, scores_of_ours),
    Tool("bare pytest", prepare_pytest, scores_of_pytest),
    Tool("gradescope-utils", prepare_gradescope, scores_of_gradescope),
    Tool("otter run", prepare_otter, scores_of_otter),
    Tool("nbgrader autograde", prepare_nbgrader, scores_of_nbgrader),
)
