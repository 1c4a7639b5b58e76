"""Which device a homework is graded on, found out before anything is graded."""

from __future__ import annotations

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
    from grader.judge import gpus

    if wanted == "cpu" or not any(name.split(".")[0] == "torch" for name in assignment.needs):
        return "cpu"
    if not gpus.present():
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
