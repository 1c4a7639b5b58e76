"""`grader doctor`: what this machine can do, shown by trying it, and the remedy for the rest."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from typing import Any

import click

from grader.cli.options import course_option
from grader.extras import how_to_install

LEVELS = {
    3: "isolated: namespaces, a root folder of its own, Landlock, seccomp, limits",
    2: "confined: Landlock, seccomp, limits",
    1: "separated: a process of its own; it can read files, hidden tests included",
    0: "none",
}
PACKAGES = ("numpy", "torch", "torchvision", "matplotlib", "scikit-learn")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The isolation report as JSON.")
@course_option
def doctor(as_json: bool, course_dir: Any) -> int:
    """Show the isolation level, how it was proven, and what is missing with its remedy.

    Exit code 1 where hidden tests cannot be run safely on this machine.
    """
    isolation = probe(course_dir)
    if as_json:
        import json

        click.echo(json.dumps(isolation, indent=2))
    else:
        _show(isolation)
    return 0 if isolation["level"] >= 2 else 1


def probe(course_dir: Any) -> dict[str, Any]:
    """The isolation report of a template started for nothing else."""
    import contextlib

    from grader.judge.backend import default_backend

    with contextlib.closing(default_backend()) as backend:
        return backend.isolation


def _show(isolation: dict[str, Any]) -> None:
    level = isolation["level"]
    click.echo(f"Isolation level {level} of 3, {LEVELS[level]}")
    for name, canary in sorted(_canaries(isolation)):
        mark = "stopped" if canary["stopped"] else "NOT STOPPED"
        click.echo(f"  {mark:<12} {canary.get('tried', name):<52} {canary.get('by', '')}")
    for missing in isolation.get("missing", ()):
        click.echo(f"  missing      {missing}")
    click.echo(f"\nPython {platform.python_version()} ({sys.executable})")
    for package in PACKAGES:
        click.echo(f"  {package:<13} {_version(package)}")
    gpu = "found" if os.path.exists("/dev/nvidia0") else "none: torch homeworks run on the CPU"
    click.echo(f"  {'GPU':<13} {gpu}")
    if level < 2:
        click.echo(
            "\nHidden tests are not run below level 2. Use Linux 5.13 or newer with Landlock, or a "
            "container on one; public tests run everywhere."
        )


def _canaries(isolation: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found = isolation["canaries"]
    if isinstance(found, dict):
        return list(found.items())
    return [(canary["name"], canary) for canary in found]


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return f"not installed ({how_to_install(package)})"
