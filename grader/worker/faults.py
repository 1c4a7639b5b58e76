"""An exception of student code as plain data: type, message, and the student's own lines.

Runs beside the student's code, whose exception may have a hostile `__str__`: whatever it does
costs this test only, since the judge holds a deadline over the whole call.
"""

from __future__ import annotations

import builtins
from types import TracebackType
from typing import Any

SUBMISSION_PREFIX = "<submission "
MAX_MESSAGE = 2_000
MAX_FRAMES = 20


def cell_filename(number: int) -> str:
    """The file name that cell `number` of a submission is compiled under."""
    return f"{SUBMISSION_PREFIX}{number}>"


def describe_exception(error: BaseException) -> dict[str, Any]:
    """`type`, `bases`, `message`, `frames` ([cell, line, function], outermost first), `own`.

    `own` is True where the innermost frame is the student's, not a library's.
    """
    frames, own = _frames(error.__traceback__)
    if isinstance(error, SyntaxError) and str(error.filename).startswith(SUBMISSION_PREFIX):
        frames = [*frames, [_cell(str(error.filename)), int(error.lineno or 1), "<module>"]]
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
        own = code.co_filename.startswith(SUBMISSION_PREFIX)
        if own:
            frames.append([_cell(code.co_filename), traceback.tb_lineno, code.co_name[:100]])
        traceback = traceback.tb_next
    return frames, own


def _cell(filename: str) -> int:
    digits = filename.removeprefix(SUBMISSION_PREFIX).removesuffix(">")
    return int(digits) if digits.isdigit() else 0
