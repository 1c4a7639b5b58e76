"""Puts the files of one student, which a platform renamed, together again in a folder."""

from __future__ import annotations

import hashlib
import re
import shutil

from grader.discover.model import Child, Place
from grader.errors import SubmissionError
from grader.submission.folder import read_file
from grader.submission.limits import ZIP_BYTES
from grader.submission.listing import name_fault

_NUMBERED = re.compile(r"(?P<stem>.+)-(?P<number>\d{1,3})\Z")


def assemble(parts: list[tuple[str, Child]], who: str, place: Place) -> Child:
    """One file as it is; of several, copies by their own names in a folder of `place.work`."""
    if len(parts) == 1:
        return parts[0][1]
    # by a hash: two students' names may be written alike, or be too long for a folder's
    folder = (
        place.work / "together" / hashlib.sha256(who.encode("utf-8", "surrogatepass")).hexdigest()
    )
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for name, child in parts:
        target = folder / (original_name(name, place.module)[0] if not name_fault(name) else "")
        if target == folder or target.exists():
            target = folder / _plain(child.name)
        try:
            data = read_file(child.path, ZIP_BYTES)
        except SubmissionError:
            continue  # grading says what is missing
        target.write_bytes(data)
    return Child(name=who, path=folder, kind="folder")


def original_name(name: str, module: str) -> tuple[str, int | None]:
    """A file's name before Canvas numbered it, and which attempt the number says: `hw3-1.py`."""
    stem, dot, suffix = name.rpartition(".")
    match = _NUMBERED.match(stem)
    if match is None or match["stem"].lower() != module.lower():
        return name, None
    return f"{match['stem']}{dot}{suffix}", int(match["number"]) + 1


def _plain(name: str) -> str:
    """`name` as one plain part of a path."""
    kept = "".join(char if char.isalnum() or char in "._-" else "_" for char in name)
    return kept.lstrip(".")[:150] or "_"
