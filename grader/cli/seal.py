"""`grader seal`: a homework's hidden tests in an encrypted file; `--sealed` of `grader check`."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.options import course_option, write_text

if TYPE_CHECKING:
    from grader.course.manifest import Course

LEAST_LEVEL = 2  # below it, a submission can read files of the judge

sealed_option: Callable[..., Any] = click.option(
    "--sealed",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take the homework from a sealed suite; its key is in $GRADER_SUITE_KEY.",
)


@click.command()
@click.argument("homework")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="The sealed file. Default: HOMEWORK.sealed"
)
@click.option(
    "--key-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The key's file; made where it is not there. Default: a new key, shown once.",
)
@course_option
def seal(homework: str, out: Path | None, key_file: Path | None, course_dir: Path | None) -> None:
    """Encrypt the tests and keys of HOMEWORK into one file that may lie in students' repositories.

    The solution is not in it. `grader check HOMEWORK PATH --sealed FILE` grades by it.
    """
    from grader.course.manifest import find_course
    from grader.course.suite import suite_files
    from grader.sealed import bundle, crypt

    files = suite_files(find_course(course_dir).assignment(homework))
    key = crypt.new_key() if key_file is None else _key_of(key_file)
    target = out or Path(f"{homework}.sealed")
    write_text(target, crypt.seal(homework, bundle.pack(files), key))
    click.echo(f"{target} holds {len(files)} files of {homework}, sealed.", err=True)
    if key_file is None:
        click.echo("Its key, shown only now; it belongs into a secret GRADER_SUITE_KEY:", err=True)
        click.echo(key)


def _key_of(path: Path) -> str:
    """The key in the file, or a new one written to it, for this user alone."""
    from grader.errors import UsageError
    from grader.sealed import crypt

    try:
        if path.exists():
            return path.read_text(encoding="ascii").strip()
        key = crypt.new_key()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(key + "\n")
    except (OSError, UnicodeDecodeError) as err:
        raise UsageError(f"The key file {path} cannot be used: {err}.") from err
    click.echo(f"A new key was written to {path}: keep it secret.", err=True)
    return key


def course_of(
    homework: str, course_dir: Path | None, sealed: Path | None
) -> contextlib.AbstractContextManager[Course]:
    """The course to grade by, for as long as the block runs: a folder's, or a sealed suite's.

    Takes the key out of the environment in either case.
    """
    from grader.course.manifest import find_course
    from grader.errors import UsageError

    key = os.environ.pop("GRADER_SUITE_KEY", None)
    if sealed is None:
        return contextlib.nullcontext(find_course(course_dir))
    if course_dir is not None:
        raise UsageError("--sealed brings its own course: leave --course away.")
    from grader.sealed.opened import opened

    return opened(sealed, homework, key or None)


def level_of(sealed: Path | None, require_isolation: int | None, debug: bool) -> int | None:
    """The isolation level to require; with a sealed suite never below 2. UsageError else."""
    from grader.errors import UsageError

    if sealed is None:
        return require_isolation
    if debug:
        raise UsageError("--debug runs the submission in the judge's process: not with --sealed.")
    if require_isolation is not None and require_isolation < LEAST_LEVEL:
        raise UsageError(
            f"A sealed suite is opened at isolation level {LEAST_LEVEL} or above, not at "
            f"{require_isolation}: the submission could read it."
        )
    return LEAST_LEVEL if require_isolation is None else require_isolation
