"""Printed output goes to the judge as bounded messages, as it is printed.

So the output of a test that hangs or dies is still seen. The judge bounds it again.
"""

from __future__ import annotations

import io
from collections.abc import Callable

_CHUNK = 8_192


class Printer(io.TextIOBase):
    """A text stream that hands what is written to `emit`, up to `limit` characters in all."""

    encoding = "utf-8"

    def __init__(self, emit: Callable[[str], None], limit: int) -> None:
        self._emit = emit
        self._left = limit
        self._pending = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self._left > 0:
            piece = text[: self._left]
            self._left -= len(piece)
            if self._left == 0:
                piece += "\n[output beyond the limit was cut]\n"
            self._pending += piece
            if "\n" in piece or len(self._pending) > _CHUNK:
                self.flush()
        return len(text)

    def flush(self) -> None:
        pending, self._pending = self._pending, ""
        for start in range(0, len(pending), _CHUNK):
            self._emit(pending[start : start + _CHUNK])
