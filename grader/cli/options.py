"""Options that several commands share."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

course_option: Callable[..., Any] = click.option(
    "--course",
    "course_dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The course's folder. Default: found by walking up from here.",
)

gradebook_option: Callable[..., Any] = click.option(
    "--gradebook",
    envvar="GRADER_GRADEBOOK",
    default="gradebook.db",
    show_default=True,
    metavar="FILE|URL",
    help="A file of SQLite or a postgresql:// URL; also in GRADER_GRADEBOOK.",
)

device_option: Callable[..., Any] = click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="Where torch homeworks run. auto: a GPU where there is one.",
)


def columns() -> int | None:
    """The terminal's width; None where stdout is none: what reads a file or pipe needs no cut."""
    return shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else None


def private_places(submissions: Path, gradebook: str) -> tuple[Path, ...]:
    """What no submission of a class may read: the others' work, and the grades."""
    return (submissions, *([] if "://" in gradebook else [Path(gradebook)]))


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all; an error names the file."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """The same for what is no text."""
    from grader.errors import UsageError

    partial = path.with_name(path.name + ".part")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as err:
        raise UsageError(f"{path} cannot be written: {err.strerror}.") from err
