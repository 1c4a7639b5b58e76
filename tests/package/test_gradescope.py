"""The Gradescope zip, and its scripts run in a folder laid out as Gradescope's is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from grader.course.manifest import Course, load_course
from grader.course.suite import extras_of
from grader.errors import UsageError
from grader.package.gradescope import package
from grader.package.wheel import pinned_versions, wheel
from tests.conftest import TINY
from tests.export.schemas import GRADESCOPE
from tests.shims import python_shim

SOLUTION = (TINY / "reference" / "tiny" / "solution.py").read_text()
GRADER = str(Path(sys.executable).with_name("grader"))
METADATA: dict[str, Any] = {
    "id": 1,
    "created_at": "2026-10-03T01:30:00.000000-07:00",
    "users": [{"email": "ada@example.org", "id": 7, "name": "Ada"}],
    "assignment": {"due_date": "2026-10-02T23:00:00.000000-07:00", "total_points": "10.0"},
    "previous_submissions": [{"submission_time": "2026-10-01T09:00:00-07:00", "score": 4.0}],
}


@dataclass
class Service:
    """A machine of Gradescope's: the zip lies in source/, the submission in submission/."""

    root: Path

    def run(
        self, script: str = "run_autograder", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.root / "source" / script)],
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(self.root),
                "AUTOGRADER_ROOT": str(self.root),
                "GRADER": GRADER,
                **environment,
            },
            cwd="/",
            capture_output=True,
            text=True,
        )

    @property
    def results(self) -> Any:
        value = json.loads((self.root / "results" / "results.json").read_text())
        jsonschema.validate(value, GRADESCOPE, cls=jsonschema.Draft202012Validator)
        return value


Machine = Callable[..., Service]


@pytest.fixture(scope="session")
def tiny_zip(tiny_course: Course) -> bytes:
    return package(tiny_course.assignment("tiny"))


@pytest.fixture
def machine(tiny_zip: bytes, tmp_path: Path) -> Machine:
    def make(source: str | None, name: str = "tiny.py", content: bytes = tiny_zip) -> Service:
        root = tmp_path / "autograder"
        unzip(content, root / "source")
        (root / "submission").mkdir()
        if source is not None:
            (root / "submission" / name).write_text(source)
        (root / "submission_metadata.json").write_text(json.dumps(METADATA))
        return Service(root)

    return make


def unzip(content: bytes, folder: Path) -> None:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        archive.extractall(folder)
        for entry in archive.infolist():
            (folder / entry.filename).chmod(entry.external_attr >> 16)


def test_a_submission_is_graded_as_gradescope_does_it(machine: Machine) -> None:
    service = machine(SOLUTION.replace("self.n += 1", "self.n += 2"))
    ran = service.run()
    assert ran.returncode == 0, ran.stderr
    value = service.results
    assert value["score"] == 6.75
    assert sum(t["max_score"] for t in value["tests"]) == 10
    assert "late by 2 h 30 min." in value["output"]
    assert "1 earlier submission:\n  2026-10-01 09:00 -0700: 4 points" in value["output"]
    assert value["extra_data"]["isolation"] >= 2
    assert "Total  6.75 / 10" in ran.stdout


def test_a_file_that_cannot_be_graded_gets_0_points_and_words(machine: Machine) -> None:
    service = machine("x", name="photo.jpg")
    assert service.run().returncode == 0
    value = service.results
    assert value["score"] == 0
    assert len(value["tests"]) == 5
    assert "Looked for tiny.py" in value["output"]


def test_our_own_failure_leaves_no_result(machine: Machine) -> None:
    service = machine(SOLUTION)
    (service.root / "results").mkdir()
    (service.root / "results" / "results.json").write_text('{"score": 10}')
    hidden = service.root / "source/course/reference/tiny/tests/test_hidden.py"
    hidden.write_text(hidden.read_text().replace("2 * x, what", "undefined_name, what"))
    ran = service.run()
    assert ran.returncode == 3
    assert "a score would be a guess" in ran.stderr
    assert not (service.root / "results" / "results.json").exists()
    assert service.run(GRADER="/bin/true").returncode == 3


def test_what_the_submission_prints_or_hands_in_writes_no_result(machine: Machine) -> None:
    service = machine(None)
    (service.root / "submission_metadata.json").unlink()
    folder = service.root / "submission"
    (folder / "tiny.py").write_text(
        f"import os, sys\nopen({str(service.root / 'results/results.json')!r}, 'w').write('{{}}')\n"
    )
    for name in ("conftest.py", "sitecustomize.py", "results.json", "setup.sh"):
        (folder / name).write_text("raise SystemExit('taken over')\n")
    assert service.run().returncode == 0
    assert service.results["score"] == 0
    assert service.results["extra_data"]["late_by_s"] is None


def test_the_zip_holds_scripts_and_suite_and_no_solution(tiny_zip: bytes) -> None:
    with zipfile.ZipFile(BytesIO(tiny_zip)) as archive:
        names = archive.namelist()
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
        scripts = {name: archive.read(name).decode() for name in ("setup.sh", "run_autograder")}
    assert names[:2] == ["setup.sh", "run_autograder"]
    assert all(modes[name] == 0o100755 for name in scripts)
    assert "course/reference/tiny/tests/test_hidden.py" in names
    assert not [name for name in names if "solution" in name or "wrong.toml" in name]
    for text in scripts.values():
        assert "@" not in text.replace('"$@"', "")
        subprocess.run(["bash", "-n", "-c", text], check=True)


def test_the_same_course_gives_the_same_bytes(tiny_course: Course, tiny_zip: bytes) -> None:
    assert package(tiny_course.assignment("tiny")) == tiny_zip


def test_torch_is_installed_only_where_it_is_needed(tiny_course: Course) -> None:
    homework = tiny_course.assignment("tiny")
    deep = replace(homework, needs=("numpy", "torch", "torchvision", "matplotlib.pyplot"))
    assert extras_of(homework) == []
    assert extras_of(deep) == ["plots", "torch"]
    with zipfile.ZipFile(BytesIO(package(deep))) as archive:
        assert ".whl[plots,torch]" in archive.read("setup.sh").decode()
        assert b"\ntorch==" in archive.read("constraints.txt")
    with zipfile.ZipFile(BytesIO(package(homework))) as archive:
        assert ".whl[" not in archive.read("setup.sh").decode()
    lines = pinned_versions([]).splitlines()
    assert any(line.startswith("numpy==") for line in lines)
    assert not any(line.startswith(("torch", "mypy", "cryptography")) for line in lines)


def test_hidden_tests_must_be_here(tmp_path: Path) -> None:
    shutil.copytree(TINY / "assignments", tmp_path / "assignments")
    with pytest.raises(UsageError, match="not in this checkout"):
        package(load_course(tmp_path).assignment("tiny"))


def test_the_wheel_lists_all_that_it_holds() -> None:
    name, content = wheel()
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()
        record = next(n for n in names if n.endswith("/RECORD"))
        listed = [line.split(",")[0] for line in archive.read(record).decode().splitlines()]
    assert sorted(listed) == sorted(names)
    assert name.startswith("grader-")
    for needed in ("grader/report/schema.json", "grader/package/templates/setup.sh"):
        assert needed in names
    assert not [n for n in names if "__pycache__" in n]


@pytest.mark.slow
def test_setup_installs_the_grader_from_the_zip(machine: Machine, tmp_path: Path) -> None:
    service = machine(SOLUTION)
    shims = python_shim(tmp_path / "bin", "python3.14")  # the first name that it tries
    ran = service.run("setup.sh", PATH=f"{shims}{os.pathsep}/usr/bin:/bin", PIP_ARGS="--no-deps")
    assert ran.returncode == 0, ran.stderr
    assert "Isolation level" in ran.stdout
    installed = service.root / "grader-venv" / "bin" / "grader"
    assert service.run(GRADER=str(installed)).returncode == 0
    assert service.results["score"] == 9.25
    python = installed.with_name("python")
    where = "import grader; print(grader.__file__)"
    shown = subprocess.run([str(python), "-I", "-c", where], capture_output=True, text=True)
    assert str(service.root) in shown.stdout
