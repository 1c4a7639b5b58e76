"""`grader list`: the homeworks of the course, their points and what is in this checkout."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.options import course_option


@click.command("list")
@course_option
def list_homeworks(course_dir: Path | None) -> None:
    """List the homeworks of the course."""
    from grader.course.manifest import find_course

    course = find_course(course_dir)
    click.echo(f"{course.title} ({course.root})")
    for name in course.assignments:
        homework = course.assignment(name)
        here = [v for v in ("public", "hidden") if homework.test_files(v)]
        tests = f"{' and '.join(here)} tests" if here else "no tests"
        click.echo(f"  {name:<6} {homework.title:<44} {homework.max_score:>5} points, {tests} here")
