"""The layouts, one file each; the first that understands a place reads it.

Each has `NAME` and `find(place) -> Finding | None`, None where the place is not of its kind.
"""

from __future__ import annotations

from collections.abc import Callable

from grader.discover.layouts import canvas, folders, github, gradescope, moodle, nbgrader
from grader.discover.model import Finding, Place

# the most particular first: the last takes any folder
LAYOUTS: dict[str, Callable[[Place], Finding | None]] = {
    gradescope.NAME: gradescope.find,
    moodle.NAME: moodle.find,
    canvas.NAME: canvas.find,
    nbgrader.NAME: nbgrader.find,
    github.NAME: github.find,
    folders.NAME: folders.find,
}
GENERAL = folders.NAME
