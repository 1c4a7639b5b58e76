"""The line that says which test is running fits the terminal and leaves nothing behind."""

from __future__ import annotations

import io
import os
import pty
import select
from collections.abc import Iterator
from decimal import Decimal
from fcntl import ioctl
from struct import pack
from termios import TIOCSWINSZ
from typing import TextIO

import pytest

from grader.cli.progress import CLEAR, progress
from grader.render.look import cells
from grader.report.model import TestResult


class Terminal:
    """A terminal of so many columns: all that was written to `stream`, `shown` once, at the end."""

    def __init__(self, columns: int) -> None:
        self._master, slave = pty.openpty()
        ioctl(slave, TIOCSWINSZ, pack("HHHH", 24, columns, 0, 0))
        self.stream: TextIO = open(slave, "w", encoding="utf-8")  # noqa: SIM115

    def shown(self) -> str:
        self.stream.flush()
        found = b""
        while select.select([self._master], [], [], 0.05)[0]:
            found += os.read(self._master, 65536)
        return found.decode()

    def close(self) -> None:
        self.stream.close()
        os.close(self._master)


@pytest.fixture
def narrow() -> Iterator[Terminal]:
    terminal = Terminal(30)
    yield terminal
    terminal.close()


def named(title: str) -> TestResult:
    return TestResult(
        id="test", problem="1", title=title, visibility="public", max_score=Decimal(1)
    )


def test_the_test_that_begins_is_named_and_the_line_is_cleared(narrow: Terminal) -> None:
    with progress(2, narrow.stream) as on_start:
        on_start(named("Softmax"))
        on_start(named("Cross-entropy"))
    assert narrow.shown() == f"{CLEAR}1/2 Softmax{CLEAR}2/2 Cross-entropy{CLEAR}"


def test_the_line_is_cleared_where_grading_fails(narrow: Terminal) -> None:
    def fails() -> None:
        with progress(2, narrow.stream) as on_start:
            on_start(named("Softmax"))
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert narrow.shown().endswith(CLEAR)


@pytest.mark.parametrize("title", ["a long title " * 9, "漢字" * 30, "\x1b[2J\r\n" * 9])
def test_the_line_never_wraps(narrow: Terminal, title: str) -> None:
    with progress(1, narrow.stream) as on_start:
        on_start(named(title))
    shown = narrow.shown()
    assert "\x1b[2J" not in shown
    line = shown.split(CLEAR)[1]
    assert "\n" not in line
    assert cells(line) < 30


def test_nothing_is_written_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    with progress(1, stream) as on_start:
        on_start(named("Softmax"))
    assert stream.getvalue() == ""
