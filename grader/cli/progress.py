"""The line on a terminal that says which test is running, while `grader check` works."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from grader.report.model import TestResult

CLEAR = "\r\x1b[K"
NARROW, USUAL = 8, 80  # columns: below the one nothing fits, the other where none are known


@contextlib.contextmanager
def progress(total: int, stream: TextIO | None = None) -> Iterator[Callable[[TestResult], None]]:
    """A function that names the test of `total` that begins, on stderr; its line goes at the end.

    It shows nothing where the stream is no terminal.
    """
    terminal = sys.stderr if stream is None else stream
    numbers = itertools.count(1)
    if not terminal.isatty():
        yield lambda _: None
        return

    def show(test: TestResult) -> None:
        from grader.render.look import cut, page

        look = page(color=False, width=USUAL, encoding=terminal.encoding)
        line = f"{next(numbers)}/{total} {look.clean(test.title)}"
        terminal.write(CLEAR + cut(line, _room(terminal), look.glyphs.ellipsis))
        terminal.flush()

    try:
        yield show
    finally:
        terminal.write(CLEAR)
        terminal.flush()


def _room(terminal: TextIO) -> int:
    """Columns for one line: a character in the last one would make some terminals go on below."""
    try:
        columns = os.get_terminal_size(terminal.fileno()).columns or USUAL
    except (OSError, ValueError):
        columns = USUAL
    return max(columns, NARROW) - 1
