"""Which device a homework is graded on, found out before anything is graded."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.course.manifest import Assignment


def choose_device(wanted: str, assignment: Assignment) -> str:
    """ "cpu" or "cuda": a GPU only where torch is needed, one is there, and a worker can use it.

    A card that is there and does not work (a torch without CUDA, an old driver, no memory left) is
    a note for "auto", and for "cuda" an error: never the student's.
    """
    from grader.errors import UsageError

    if wanted == "cpu" or not any(name.split(".")[0] == "torch" for name in assignment.needs):
        return "cpu"
    if not _is_there():
        if wanted == "cuda":
            raise UsageError("There is no CUDA device on this machine.", hint="Use --device cpu.")
        return "cpu"
    from grader.judge.backend import try_gpu
    from grader.judge.single import GpuUnusable

    try:
        try_gpu(assignment)
    except GpuUnusable as err:
        if wanted == "cuda":
            raise
        click.echo(f"{err.message} The CPU is used instead.", err=True)
        return "cpu"
    return "cuda"


def _is_there() -> bool:
    """Whether there is an NVIDIA card, by the driver's files: asking torch costs its import."""
    if sys.platform == "win32":
        return shutil.which("nvidia-smi") is not None
    try:
        names = os.listdir("/dev")
    except OSError:
        return False
    return any(name.startswith("nvidia") and name[6:].isdigit() for name in names)
