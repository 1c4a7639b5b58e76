"""What a student is shown comes from before any worker of theirs held hidden inputs."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from grader.course.manifest import Course, load_course
from grader.judge.backend import open_backend
from grader.judge.run import Settings, grade
from grader.judge.session import Session
from grader.report.model import TestResult
from grader.submission import load_submission

ROOT = Path(__file__).resolve().parents[2]


def test_public_tests_run_before_hidden_ones() -> None:
    """Whatever the manifest's order, which the report keeps."""
    assignment = load_course(ROOT).assignment("hw3")
    submission = load_submission(ROOT / "reference" / "hw3" / "solution.py", "hw3")
    seen: list[TestResult] = []
    report = grade(Settings(assignment=assignment), submission, seen.append)
    order = [test.visibility for test in seen]
    assert order == sorted(order, reverse=True)
    assert [test.id for test in report.tests] == [entry.name for entry in assignment.tests]
    assert order != [test.visibility for test in report.tests]


def test_cells_that_failed_are_those_of_the_first_load(tiny_course: Course, tmp_path: Path) -> None:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    source = "import time\nraise ValueError(time.time_ns())"
    notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]}
    cell["source"] = source
    (tmp_path / "tiny.ipynb").write_text(json.dumps(notebook))
    assignment = tiny_course.assignment("tiny")
    submission = load_submission(tmp_path / "tiny.ipynb", "tiny")
    with contextlib.closing(open_backend(Settings(assignment=assignment))) as backend:
        session = Session(backend.spawn, submission, "tiny", assignment.limits, seed=0)
        with contextlib.closing(session):
            session.begin()
            first = session.cell_faults
            session.end()
            session.begin()
            session.end()
    assert first
    assert session.cell_faults is first
