"""A table on stdout, as wide as the terminal; in a file or a pipe as wide as it is."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from grader.cli.options import columns

if TYPE_CHECKING:
    from grader.render.look import Look


def page_of_stdout() -> Look:
    """The page that stdout is."""
    from grader.cli.check import use_color
    from grader.render.look import Look, choose_glyphs
    from grader.render.table import ENDLESS

    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return Look(
        width=columns() or ENDLESS,
        color=use_color(False),
        encoding=encoding,
        glyphs=choose_glyphs(encoding),
    )


def echo_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], right: Iterable[int] = ()
) -> None:
    """The rows, each cell made safe to show; or that there is nothing."""
    from grader.render.table import text_table

    look = page_of_stdout()
    cleaned = [[look.clean(cell, 1000) for cell in row] for row in rows]
    click.echo("\n".join(text_table(header, cleaned, look, right)) if rows else "Nothing.")
