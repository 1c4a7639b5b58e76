"""`grader release`: what students get of a homework, as a folder that is ready to publish."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from grader.cli.options import course_option


def _writer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each writer of further files."""
    from grader.release.write import WRITERS

    for name, (words, _) in WRITERS.items():
        flags = f"--{name}/--no-{name}"
        command = click.option(flags, f"with_{name}", default=None, help=words)(command)
    return command


@click.command()
@click.argument("homeworks", nargs=-1, metavar="[HW]... DIR")
@click.option("--all", "every", is_flag=True, help="Release every homework of the course.")
@click.option("--force", is_flag=True, help="Write over files that were changed in DIR.")
@_writer_options
@course_option
def release(
    homeworks: tuple[str, ...],
    every: bool,
    force: bool,
    course_dir: Path | None,
    **extras: bool | None,
) -> None:
    """Write what students get of the homeworks HW into DIR, and nothing more.

    DIR is new, empty, or holds a former release, which is brought up to date; homeworks released
    earlier stay. A file that would give away solutions, hidden tests or keys is refused.
    """
    from grader.course.manifest import find_course
    from grader.errors import UsageError
    from grader.release.write import write_release

    *names, folder = homeworks or ("",)
    if not folder or bool(names) == every:
        raise UsageError(
            "Name the homeworks to release, or all of them with --all, and then a folder.",
            hint="grader release hw1 hw2 ../homeworks",
        )
    course = find_course(course_dir)
    done = write_release(
        course,
        course.assignments if every else names,
        Path(folder),
        extras=[name.removeprefix("with_") for name, wanted in extras.items() if wanted],
        without=[name.removeprefix("with_") for name, want in extras.items() if want is False],
        force=force,
    )
    for name in done.written:
        click.echo(f"written: {name}")
    for name in done.removed:
        click.echo(f"removed: {name}")
    for name in done.left_out:
        click.echo(f"left out: {name} (of a kind that is not released)", err=True)
    if not done.written and not done.removed:
        click.echo("Everything is up to date.")
    click.echo(f"{folder} holds {', '.join(done.homeworks)} for students.")
