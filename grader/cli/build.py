"""`grader build`: write the starters and the handouts' tables of points from the solutions.

Only this file's command prints; the work is done by `grader.course.starter`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.course.manifest import find_course
from grader.course.starter import build as build_assignment
from grader.course.unlisted import unlisted_notes
from grader.errors import UsageError


@click.command()
@click.argument("homework", required=False, metavar="[HW]")
@click.option("--all", "every", is_flag=True, help="Build every homework of the course.")
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; exit 1 where a file is out of date or a test is not in the manifest.",
)
@click.option(
    "--course",
    "course_dir",
    type=click.Path(path_type=Path),
    help="The course's folder [default: the one around the current folder].",
)
def build(homework: str | None, every: bool, check: bool, course_dir: Path | None) -> None:
    """Generate the starters (.py and .ipynb) and the table of points of HW from its solution."""
    if (homework is None) != every:
        raise UsageError("Name one homework, or all of them with --all.", hint="grader build hw3")
    course = find_course(course_dir)
    changed: list[Path] = []
    unlisted: list[str] = []
    for name in course.assignments if every else [str(homework)]:
        assignment = course.assignment(name)
        changed += build_assignment(assignment, check=check)
        unlisted += unlisted_notes(assignment)
    for path in changed:
        click.echo(f"{'out of date' if check else 'written'}: {path.relative_to(course.root)}")
    for note in unlisted:
        click.echo(note, err=not check)
    if not changed and not unlisted:
        click.echo("Everything is up to date.")
    elif check:
        sys.exit(1)
