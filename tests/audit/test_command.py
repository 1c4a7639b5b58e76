"""`grader audit` and `grader init` as they are called: output, JSON, exit codes, Ctrl-C."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.audit.model import Audit, CheckResult, Finding
from grader.audit.run import CHECKS
from grader.cli.audit import ALL, CHECK_NAMES, _effort, audit
from grader.cli.init import init
from grader.errors import UsageError
from grader.render.audit import render_audit

FAST = ["neuron", "--only", "starter", "--jobs", "1"]


def test_the_options_name_every_check() -> None:
    assert tuple(CHECKS) == CHECK_NAMES


def test_a_fit_homework_exits_with_0_and_writes_json(template_course: Path, tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    args = [*FAST, "--course", str(template_course), "--json", str(path)]
    done = CliRunner().invoke(audit, args, standalone_mode=False)
    assert done.exception is None
    assert done.return_value == 0
    assert "neuron is fit for release." in done.output
    value = json.loads(path.read_text(encoding="utf-8"))
    assert value["fit"] is True
    assert [check["name"] for check in value["audits"][0]["checks"]] == ["starter"]


def test_an_unfit_one_exits_with_1_and_says_why(course: Path) -> None:
    (course / "assignments/neuron/neuron.py").write_text("x = 1\n")
    args = ["--all", "--only", "starter", "--jobs", "1", "--course", str(course)]
    done = CliRunner().invoke(audit, args, standalone_mode=False)
    assert done.return_value == 1
    assert "neuron is not fit for release: starter." in done.output
    assert "out of date in the checkout" in done.output
    done = CliRunner().invoke(audit, [*args, "--json", "-"], standalone_mode=False)
    assert json.loads(done.output)["fit"] is False


def test_a_broken_homework_does_not_keep_the_others_from_being_audited(course: Path) -> None:
    for part in ("assignments", "reference"):
        shutil.copytree(course / part / "neuron", course / part / "broken")
    manifest = course / "assignments/broken/assignment.toml"
    manifest.write_text(manifest.read_text().replace('id = "neuron"', 'id = "broken"'))
    (course / "reference/broken/tests/test_hidden.py").write_text("import nothing_at_all\n")
    args = ["--all", "--only", "starter", "--jobs", "1", "--course", str(course)]
    done = CliRunner().invoke(audit, args, standalone_mode=False)
    assert done.return_value == 3
    assert "The reference of broken cannot be graded" in done.output
    assert "neuron is fit for release." in done.output
    assert "broken   cannot be audited" in done.output


@pytest.mark.parametrize("args", [[], ["neuron", "--all"]])
def test_one_homework_or_all(args: list[str]) -> None:
    with pytest.raises(UsageError, match="Name one homework"):
        audit.main(args, standalone_mode=False)


def test_the_effort_is_what_the_options_say() -> None:
    full = _effort(quick=False, mutants=None, garbage=None, seeds=None)
    assert (full.seeds, full.mutants, full.is_sampled) == (20, None, False)
    quick = _effort(quick=True, mutants=ALL, garbage=7, seeds=None)
    assert (quick.mutants, quick.garbage, quick.is_sampled) == (None, 7, True)
    assert _effort(quick=False, mutants=3, garbage=None, seeds=1).bank_seeds == 1


def test_ctrl_c_ends_it_cleanly(template_course: Path) -> None:
    command = [sys.executable, "-m", "grader", "audit", "neuron", "--course", str(template_course)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    judges = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + 30
    while not judges.read_text().strip() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)  # until a judge leaves Ctrl-C to the process that holds it
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err.strip() == "Interrupted."
    assert out == ""


def an_audit(**changes: object) -> Audit:
    finding = Finding(
        subject="mutant 3", message="loses no points\x1b[2J", diff="- a\n+ b" + "c" * 90
    )
    check = CheckResult(
        name="mutants",
        claim="θ " * 60,
        summary="words " * 20,
        fit=False,
        tried=4,
        held=3,
        findings=(finding,) * 50,
    )
    values = {"assignment": "hw3", "title": "T", "seed": 0, "device": "cpu", "sampled": True}
    return Audit(**{**values, "checks": (check,), "duration_s": 1.0, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [40, 72, 100])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_the_table_fits_its_page_and_encoding(width: int, encoding: str) -> None:
    text = render_audit(an_audit(), color=False, width=width, encoding=encoding)
    text.encode(encoding)
    assert max(len(line) for line in text.split("\n")) <= width
    assert "\x1b" not in text
    assert "and 10 more" in text


def test_colours_only_where_they_are_asked_for() -> None:
    assert "\x1b[31m" in render_audit(an_audit(), color=True, width=80)


def test_a_new_course_is_written_once(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    done = CliRunner().invoke(init, [str(folder), "--title", 'Nets "and" \\ more'])
    assert done.exit_code == 0
    assert (folder / "assignments/neuron/neuron.ipynb").is_file()
    assert "| 1 | Prediction and loss |" in (folder / "assignments/neuron/handout.md").read_text()
    with pytest.raises(UsageError, match="not empty"):
        init.main([str(folder)], standalone_mode=False)


def test_a_new_course_is_called_by_its_title(tmp_path: Path) -> None:
    CliRunner().invoke(init, [str(tmp_path / "mine"), "--title", "Nets\n*and* more"])
    readme = (tmp_path / "mine/README.md").read_text("utf-8")
    assert readme.startswith("# Nets \\*and\\* more\n\nOne homework")


def test_git_ignores_what_is_private_in_a_new_course(tmp_path: Path) -> None:
    CliRunner().invoke(init, [str(tmp_path)])
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    private = [
        "submissions/ana/neuron.py",
        "gradebook.db",
        "gradebook.db-wal",
        "roster.csv",
        "report.json",
        "reports/neuron-ana.txt",
        "neuron-for-students/README.md",
        "course.key",
    ]
    for name in private:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    listed = subprocess.run(
        ["git", "status", "--short", "-uall"], cwd=tmp_path, capture_output=True, text=True
    )
    there = listed.stdout.split()[1::2]
    assert "assignments/neuron/handout.md" in there
    assert not set(there) & set(private)
