"""The texts that a release has beside its homeworks: README.md for students and .gitignore."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from grader.course.manifest import Assignment

GITIGNORE = """\
.venv/
__pycache__/
*.pyc
.ipynb_checkpoints/
.pytest_cache/
.DS_Store
"""
_README = """\
# {title}

| Homework | Title | Points | With public tests |
| --- | --- | ---: | ---: |
{rows}

Each homework's folder holds a handout, a starter as a file and as a notebook, and public tests.

## Set up once

You need Python 3.11 or newer on Linux, macOS or Windows.

{install}

## Work on a homework

Read [the handout]({handout}) first. Then take the starter into a folder of your own, here `{id}/`:

    grader start {id}

**Work in `{id}/`, not in `assignments/`**: what lies there comes from the course, and its next
update replaces your changes.

Write your solutions where the starter says `raise NotImplementedError`, in `{id}/{module}.py`. If
you like notebooks better: `grader start {id} --notebook`, and name `{id}/{module}.ipynb` below.
Check your work as often as you like:

    grader check {id} {id}/{module}.py

This runs the public tests. The other points are given by hidden tests, which ask the same of other
inputs: a solution that does what the handout says passes them, too. Hand in the file or notebook,
or the folder.

## When something goes wrong

- `grader doctor` shows what your machine can do and what is missing.
- `grader check {id} {id}/{module}.py --debug` runs your code in the same process: prints
  show, and `pdb` works.
"""


def student_readme(title: str, assignments: Sequence[Assignment], install: str | None) -> str:
    """README.md for students; `install` is the command that sets the grader up, if it is known."""
    first = assignments[0]
    how = "Install the grader as your instructors say, into a virtual environment of its own."
    if install is not None:
        how = f"    python3 -m venv .venv\n    . .venv/bin/activate\n    {install}"
    return _README.format(
        title=title,
        rows="\n".join(_row(assignment) for assignment in assignments),
        install=how,
        id=first.id,
        module=first.module,
        handout=f"assignments/{first.id}/handout.md",
    )


def _row(assignment: Assignment) -> str:
    public = [test.max_score for test in assignment.tests if test.visibility == "public"]
    title = assignment.title.replace("|", "\\|")
    link = f"[{assignment.id}](assignments/{assignment.id}/handout.md)"
    points = f"{_number(assignment.max_score)} | {_number(sum(public, Decimal(0)))}"
    return f"| {link} | {title} | {points} |"


def _number(points: Decimal) -> str:
    text = f"{points:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
