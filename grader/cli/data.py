"""`grader data`: list the data sets and fetch those that do not come with the package.

Only this file's commands print; the work is done by `grader.data`.
"""

from __future__ import annotations

from pathlib import Path

import click

from grader import data
from grader.data.registry import DATA_SETS

DATA_OPTION = click.option(
    "--data",
    "data_dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="The data folder [default: $GRADER_DATA or ~/.cache/grader/data].",
)


@click.group(name="data")
def data_group() -> None:
    """The data sets that homeworks use."""


@data_group.command(name="list")
@DATA_OPTION
def list_data(data_dir: Path | None) -> None:
    """Say which data sets there are and which can be used now."""
    ready = data.available(data_dir)
    for name, data_set in DATA_SETS.items():
        state = "embedded" if data_set.embedded else "fetched" if name in ready else "not fetched"
        click.echo(f"{name:<14} {state:<12} {data_set.about}")
    click.echo(f"Data folder: {data.data_folder(data_dir)}")


@data_group.command(name="fetch")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@DATA_OPTION
def fetch_data(names: tuple[str, ...], data_dir: Path | None) -> None:
    """Download data sets into the data folder, once; grading itself never downloads."""
    for name in names:
        folder = data.fetch(name, data_dir)
        click.echo(
            f"{name}: comes with the grader" if folder is None else f"{name}: ready in {folder}"
        )
