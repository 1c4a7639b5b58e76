"""The layouts, one file each; the one that explains most of a place reads it.

Each has `NAME` and `find(place) -> Finding | None`, None where the place is not of its kind.
"""

from __future__ import annotations

from collections.abc import Callable

from grader.discover.layouts import canvas, folders, github, gradescope, moodle, nbgrader
from grader.discover.model import Finding, Place

# of those that explain as much the first counts: Canvas' own part leads a name, where Moodle's may
# be a student's choice; the last takes any folder
LAYOUTS: dict[str, Callable[[Place], Finding | None]] = {
    gradescope.NAME: gradescope.find,
    canvas.NAME: canvas.find,
    moodle.NAME: moodle.find,
    nbgrader.NAME: nbgrader.find,
    github.NAME: github.find,
    folders.NAME: folders.find,
}
GENERAL = folders.NAME
