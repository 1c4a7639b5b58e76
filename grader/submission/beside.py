"""What goes with a single file: the modules beside it that it imports, and quiz answers.

Where its author runs it, the data files that it names go with it, too. On an instructor's machine
they stay, for a submission may name whatever lies beside it there. Names are looked for in its
text; nothing is parsed. Files of other names stay where they are: a folder of downloads is not
read, nor another student's file beside it.
"""

from __future__ import annotations

import os
import re
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath

from grader.submission import limits
from grader.submission.choose import text_of
from grader.submission.folder import read_file
from grader.submission.listing import Entry, Notes, name_fault, some
from grader.submission.model import ANSWERS_FILE

KEY_FILE = "quiz_key.toml"
SOLUTION_FILE = "solution.py"
_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+(\w+)|import[ \t]+(\w[\w., \t]*))", re.M)


def files_beside(path: Path, notes: Notes, *, with_data: bool) -> tuple[Entry, ...]:
    """The files that the one at `path` needs, as entries of its folder; a note names them.

    Without `with_data` no data files and no solution; a quiz key never.
    """
    there = _listed(path.parent)
    there.pop(KEY_FILE, None)
    needed = _needed(path, there)
    taken = {name: entry for name, entry in needed.items() if with_data or _may_go_along(entry)}
    if taken:
        notes.add(f"Taken along from beside it: {some(sorted(taken))}. Hand them in, too.")
    if left := sorted(needed.keys() - taken.keys() - {ANSWERS_FILE}):
        notes.add(f"Left beside it: {some(left)}. In a folder or a zip, data files go along.")
    if ANSWERS_FILE in there:
        taken[ANSWERS_FILE] = there[ANSWERS_FILE]
    return tuple(taken[name] for name in sorted(taken))


def _may_go_along(entry: Entry) -> bool:
    """Whether it may, whoever's the folder is."""
    return entry.suffix == ".py" and entry.base != SOLUTION_FILE


def _needed(path: Path, there: dict[str, Entry]) -> dict[str, Entry]:
    """Those that it imports or names, and those that its modules do."""
    main = Entry(path.name, partial(read_file, path))
    taken: dict[str, Entry] = {}
    waiting = [main]
    while waiting:
        text = text_of(waiting.pop())
        modules = imported(text)
        for name, entry in there.items():
            is_module = entry.suffix == ".py"
            wanted = PurePosixPath(name).stem in modules if is_module else _quotes(text, name)
            if wanted and name != path.name and name not in taken:
                taken[name] = entry
                waiting += [entry] if is_module else []
    return taken


def imported(text: str) -> set[str]:
    """The first parts of the names of modules that Python source imports."""
    found = set()
    for package, names in _IMPORT.findall(text):
        found.add(package)
        found |= {name.strip().partition(" ")[0].partition(".")[0] for name in names.split(",")}
    return found - {""}


def _quotes(text: str, name: str) -> bool:
    """Whether a file's name ends a text in quotes; a comment that speaks of it does not count."""
    return any(f"{name}{quote}" in text for quote in "\"'")


def _listed(folder: Path) -> dict[str, Entry]:
    """The regular files of a folder, not of those in it, that may be part of a submission."""
    found = {}
    try:
        with os.scandir(folder) as entries:
            for child in islice(entries, limits.ENTRIES):
                usable = Path(child.name).suffix.lower() in limits.FILE_SUFFIXES
                if usable and not name_fault(child.name) and child.is_file(follow_symlinks=False):
                    found[child.name] = Entry(child.name, partial(read_file, Path(child.path)))
    except OSError:
        return {}  # a file can be read in a folder that cannot be listed
    return found
