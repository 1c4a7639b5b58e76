"""`grader package`: a homework for a service that grades by itself."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.options import course_option


@click.group()
def package() -> None:
    """Make what a grading service takes of a homework."""


@package.command()
@click.argument("homework")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="The zip. Default: HOMEWORK-gradescope.zip"
)
@course_option
def gradescope(homework: str, out: Path | None, course_dir: Path | None) -> None:
    """Make the autograder zip of HOMEWORK for Gradescope."""
    from grader.course.manifest import find_course
    from grader.errors import UsageError
    from grader.package.gradescope import package as make

    content = make(find_course(course_dir).assignment(homework))
    target = out or Path(f"{homework}-gradescope.zip")
    try:
        target.write_bytes(content)
    except OSError as err:
        raise UsageError(f"{target} cannot be written: {err.strerror}.") from err
    click.echo(f"{target}: upload it at Configure Autograder. It holds the hidden tests.")
