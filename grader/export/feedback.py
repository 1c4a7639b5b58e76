"""Names for students' reports: a file each, or the zip of feedback files that Moodle takes.

Moodle finds a student by the number in a folder's name, `Name_NUMBER_assignsubmission_file_`,
the participant's in this assignment: what its own download of the submissions says. A name with
an underscore would hide the number from it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping

_MOODLE = "assignsubmission_file_"  # its last underscore is needed before Moodle 4.1
_TIME = (2000, 1, 1, 0, 0, 0)  # the same reports give the same zip


def file_names(homework: str, students: Iterable[str]) -> dict[str, str]:
    """A plain name for each student's report: letters, digits, `.`, `-` and `_`; no two alike.

    Students with plain keys are named first: no odd key takes the name that is theirs.
    """
    names = dict.fromkeys(students, "")
    taken: set[str] = set()
    for student in sorted(names, key=lambda key: _plain(key) != key):
        base = f"{_plain(homework)}-{_plain(student)}"
        name, number = f"{base}.txt", 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}-{number}.txt"
        taken.add(name.casefold())
        names[student] = name
    return names


def moodle_folder(name: str, participant: str) -> str:
    """The folder of one participant in Moodle's zip."""
    return f"{_plain(name, ' ').replace('_', ' ')}_{participant}_{_MOODLE}"


def zip_of(files: Mapping[str, str]) -> bytes:
    """A zip of texts by their names."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, _TIME), text.encode(), zipfile.ZIP_DEFLATED)
    return data.getvalue()


def _plain(text: str, more: str = "") -> str:
    kept = "".join(c if c.isalnum() or c in f"._-{more}" else "_" for c in text)
    return kept.strip("._ ")[:100] or "_"
