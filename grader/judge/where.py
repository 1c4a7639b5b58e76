"""Where in a test's own code an error was raised: for instructors, who can mend it there.

Students do not see it: a line number says which of a hidden test's steps they came to.
"""

from __future__ import annotations

import traceback
from pathlib import Path


def line_of_test(error: BaseException) -> str:
    """ "test_hidden.py, line 41", the innermost line in a file of tests; "" where there is none."""
    frames = traceback.extract_tb(error.__traceback__)
    names = [(Path(frame.filename).name, frame.lineno) for frame in frames]
    inside = [f"{name}, line {line}" for name, line in names if name.startswith("test_")]
    return inside[-1] if inside else ""
