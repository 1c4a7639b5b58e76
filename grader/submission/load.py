"""From a path to a Submission: finds the student's file and reads it and what goes with it."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from grader.errors import SubmissionError
from grader.submission import limits
from grader.submission.archive import list_zip
from grader.submission.beside import files_beside
from grader.submission.choose import SUFFIXES, find_main, read_main
from grader.submission.folder import kind_of, list_folder, read_file
from grader.submission.listing import Entry, Notes, shown, some
from grader.submission.model import Submission, content_hash
from grader.submission.source import check_size
from grader.text import safe_text


def load_submission(path: Path, module: str, starters: Path | None = None) -> Submission:
    """What was handed in at `path` (a `.py`, a `.ipynb`, a folder or a `.zip`) for `module`.

    In a folder or zip the file looked for is MODULE.py, else MODULE.ipynb, else the only file of
    such a kind. Of both, the `.py` is taken, unless it is still as in the folder `starters` or has
    more of the starter's raises left: students get both and work in one. With a single file of the
    name come those beside it that it imports or names. A path that is itself a symbolic link is
    refused; a caller who trusts it resolves it first. Raises SubmissionError for all that cannot be
    graded.
    """
    path = Path(path)
    notes = Notes()
    kind = _kind_at(path, module)
    if kind == "folder":
        entries = list_folder(path, notes)
        main = find_main(entries, module, notes, starters)
    elif kind != "file":
        raise SubmissionError(
            f"{shown(path.name)} is {kind}, which is not graded.",
            hint="Hand in a .py, a .ipynb, a folder or a .zip.",
        )
    elif path.suffix.lower() == ".zip":
        data = read_file(path, limits.ZIP_BYTES)
        check_size(data, path.name, limits.ZIP_BYTES)
        entries = list_zip(data, notes)
        main = find_main(entries, module, notes, starters)
    elif path.suffix.lower() in SUFFIXES:
        main = _entry(path)
        entries = (main, *(files_beside(path, notes) if path.stem == module else ()))
    else:
        raise SubmissionError(
            f"{shown(path.name)} is neither a .py nor a .ipynb, a folder or a .zip.",
            hint=f"Hand in {module}.py or {module}.ipynb.",
        )
    cells = read_main(main, notes)
    if not any(cell.source.strip() for cell in cells):
        notes.add(f"{shown(main.name)} holds no code.")
    files = _read_files(entries, main, module, notes)
    source_kind = main.suffix[1:]
    return Submission(
        name=safe_text(path.resolve().name if kind == "folder" else path.stem, 120),
        path=path,
        kind=source_kind,
        source_name=main.base,
        source_path=main.name,
        cells=cells,
        files=MappingProxyType(files),
        notes=notes.all(),
        sha256=content_hash(source_kind, cells, files),
    )


def _entry(path: Path) -> Entry:
    return Entry(name=path.name, read=lambda limit: read_file(path, limit))


def _kind_at(path: Path, module: str) -> str:
    """What lies at `path`; where nothing does, the error says what lies near it."""
    try:
        return kind_of(path)
    except SubmissionError as err:
        near = _near(path, module)
        if near is None:
            raise
        hint = f"But there is {shown(_from_here(near))}: name it, or the folder it is in."
        raise SubmissionError(err.message, hint=hint) from err


def _near(path: Path, module: str) -> Path | None:
    folders = (path.parent, path.parent / module, path.parent.parent, path.parent.parent / module)
    files = [folder / f"{module}{suffix}" for folder in folders for suffix in SUFFIXES]
    return next((file for file in files if os.path.isfile(file)), None)


def _from_here(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _read_files(
    entries: tuple[Entry, ...], main: Entry, module: str, notes: Notes
) -> dict[str, bytes]:
    """The further files under the main file's folder, by their names relative to it."""
    prefix = main.folder + "/" if main.folder else ""
    beside = {
        entry.name.removeprefix(prefix): entry
        for entry in entries
        if entry.name.startswith(prefix) and not _is_homework_itself(entry, main, module)
    }
    kept = {name for name, entry in beside.items() if entry.suffix in limits.FILE_SUFFIXES}
    left_out = {"of a kind that is not used": sorted(beside.keys() - kept)}
    in_order = sorted(kept, key=lambda name: (not name.endswith(".py"), name))
    left_out[f"more than {limits.FILES} files"] = in_order[limits.FILES :]
    files: dict[str, bytes] = {}
    left = limits.FILES_BYTES
    for name in in_order[: limits.FILES]:
        if any(str(parent) in beside for parent in PurePosixPath(name).parents):
            left_out.setdefault("their folder is a file too", []).append(name)
            continue
        allowed = min(limits.FILE_BYTES, left)
        data = beside[name].read(allowed)
        if len(data) > allowed:
            left_out.setdefault(_too_large(allowed), []).append(name)
            continue
        files[name] = data
        left -= len(data)
    for reason, names in left_out.items():
        if names:
            notes.add(f"Left out, {reason}: {some(names)}.")
    return files


def _too_large(allowed: int) -> str:
    if allowed == limits.FILE_BYTES:
        return f"larger than {limits.FILE_BYTES // limits.MIB} MiB"
    return f"more than {limits.FILES_BYTES // limits.MIB} MiB together"


def _is_homework_itself(entry: Entry, main: Entry, module: str) -> bool:
    """Whether it is the file graded, or its twin of the other kind, which must not be imported."""
    stem = PurePosixPath(entry.base).stem
    twin = entry.folder == main.folder and stem == module and entry.suffix in SUFFIXES
    return twin or entry is main
