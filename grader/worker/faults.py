"""An exception of student code as plain data: type, message, and the student's own lines.

Runs beside the student's code, whose exception may have a hostile `__str__`: whatever it does
costs this test only, since the judge holds a deadline over the whole call.
"""

from __future__ import annotations

import builtins
from types import FrameType, TracebackType
from typing import Any

MAX_MESSAGE = 2_000
MAX_FRAMES = 20

Place = list[int | str]  # cell, line, function
_cells: dict[str, int] = {}  # the submission's cells by the file names they are compiled under


def cell_filename(file: str, number: int) -> str:
    """The name that cell `number` of the submission `file` is compiled under; 0 is the file's.

    Tracebacks and the debugger show it. In angle brackets, as no file on disk.
    """
    name = f"<{file}, code cell {number}>" if number else f"<{file}>"
    _cells[name] = number
    return name


def describe_exception(error: BaseException) -> dict[str, Any]:
    """`type`, `bases`, `message`, `frames` ([cell, line, function], outermost first), `own`.

    `own` is True where the innermost frame is the student's, not a library's.
    """
    frames, own = _frames(error.__traceback__)
    if isinstance(error, SyntaxError) and str(error.filename) in _cells:
        frames = [*frames, [_cells[str(error.filename)], int(error.lineno or 1), "<module>"]]
        own = True
    return {
        "type": type(error).__name__[:100],
        "bases": [c.__name__ for c in type(error).__mro__ if vars(builtins).get(c.__name__) is c],
        "message": _message(error),
        "frames": frames[-MAX_FRAMES:],
        "own": own,
    }


def _message(error: BaseException) -> str:
    try:
        text = str(error.msg) if isinstance(error, SyntaxError) else str(error)
    except BaseException as err:
        return f"(its message could not be had: {type(err).__name__[:100]})"
    return text[:MAX_MESSAGE] if type(text) is str else ""


def _frames(traceback: TracebackType | None) -> tuple[list[list[Any]], bool]:
    frames: list[list[Any]] = []
    own = False
    while traceback is not None:
        code = traceback.tb_frame.f_code
        own = code.co_filename in _cells
        if own:
            frames.append([_cells[code.co_filename], traceback.tb_lineno, code.co_name[:100]])
        traceback = traceback.tb_next
    return frames, own


def own_place(frame: FrameType | None) -> Place | None:
    """The place of the innermost of the student's own code at `frame`, if any."""
    while frame is not None:
        code = frame.f_code
        if code.co_filename in _cells:
            return [_cells[code.co_filename], frame.f_lineno or 0, code.co_name[:100]]
        frame = frame.f_back
    return None
