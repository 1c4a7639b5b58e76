"""`grader init`: a new course with one small homework that audits clean."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("--title", default="A course of neural networks", help="The course's name.")
def init(folder: Path, title: str) -> None:
    """Make a new course in DIR, a new or empty folder, with a .gitignore for what is private."""
    from grader.release.new_course import HOMEWORK, new_course

    for name in new_course(folder, title):
        click.echo(f"written: {name}")
    click.echo(
        f"\n{folder} is a course now. Its README.md says how a homework is made; try:\n"
        f"  cd {folder}\n"
        f"  grader check {HOMEWORK} reference/{HOMEWORK}/solution.py\n"
        f"  grader audit {HOMEWORK}"
    )
