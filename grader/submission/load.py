"""From a path to a Submission: finds the student's file and reads it and what goes with it."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from grader.errors import NothingThereError, SubmissionError
from grader.submission import limits
from grader.submission.archive import list_zip
from grader.submission.beside import files_beside
from grader.submission.choose import SUFFIXES, find_main, may_be_homework, named, read_main
from grader.submission.folder import kind_of, list_folder, read_file
from grader.submission.listing import Entry, Notes, shown, some
from grader.submission.model import Submission, content_hash
from grader.submission.source import check_size
from grader.text import safe_text


def load_submission(
    path: Path,
    module: str,
    starters: Path | None = None,
    *,
    own_folder: bool = False,
    data: bool = False,
    private: Path | None = None,
) -> Submission:
    """What was handed in at `path` (a `.py`, a `.ipynb`, a folder or a `.zip`) for `module`.

    In a folder or zip the file looked for is MODULE.py, else MODULE.ipynb, else the only file of
    such a kind; a folder that holds none but one zip is that zip, and a zip inside that is not
    opened. Of both, the `.py` is taken, unless it is still as in the folder `starters` or has more
    of the starter's raises left: students get both and work in one. With a single file come
    the modules beside it that it imports, if it is called after `module` or the folder is the
    student's own (in a class's folder they may be others'), and with `data` the data files that it
    names; nothing comes from the folder `private`, the course's reference. A path that is itself a
    symbolic link is refused; a caller who trusts it resolves it first. Raises SubmissionError for
    all that cannot be graded, and of it NothingThereError where nothing lies at `path`.
    """
    path = Path(path)
    notes = Notes()
    kind = _kind_at(path, module)
    alone = _lies_in(path, private) or not (own_folder or path.stem == module)
    entries, zipped = _entries_at(path, kind, module, notes, alone=alone, with_data=data)
    is_one_file = kind == "file" and path.suffix.lower() in SUFFIXES
    main = entries[0] if is_one_file else find_main(entries, module, notes, starters)
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
        source_path=zipped or main.name,
        cells=cells,
        files=MappingProxyType(files),
        notes=notes.all(),
        sha256=content_hash(source_kind, cells, files),
    )


def source_names(path: Path, module: str) -> tuple[str, ...]:
    """What the files are called of which `load_submission` takes one; none of them is read.

    Those called after `module`, else all that may be a homework's. SubmissionError where the path
    itself cannot be used.
    """
    path = Path(path)
    alone = path.stem != module
    entries, _ = _entries_at(path, kind_of(path), module, Notes(), alone=alone)
    sources = [entry for entry in entries if entry.suffix in SUFFIXES]
    chosen = named(sources, module) or [e for e in sources if may_be_homework(e)]
    return tuple(entry.base for entry in chosen)


def _entries_at(
    path: Path, kind: str, module: str, notes: Notes, *, alone: bool, with_data: bool = False
) -> tuple[tuple[Entry, ...], str | None]:
    """The files at `path`, a lone file first, and the name of the zip in a folder that holds them.

    With a file that is not `alone` come those that it needs. The caps on a zip hold for one in a
    folder as well.
    """
    if kind == "folder":
        entries = list_folder(path, notes)
        archive = _lone_zip(entries, module)
        if archive is None:
            return entries, None
        beside = [entry.name for entry in entries if entry is not archive]
        if beside:
            notes.add(f"{shown(archive.name)} was taken; left out beside it: {some(beside)}.")
        data = archive.read(limits.ZIP_BYTES)
        check_size(data, archive.name, limits.ZIP_BYTES)
        return list_zip(data, notes), archive.name
    if kind != "file":
        raise SubmissionError(
            f"{shown(path.name)} is {kind}, which is not graded.",
            hint="Hand in a .py, a .ipynb, a folder or a .zip.",
        )
    if path.suffix.lower() == ".zip":
        data = read_file(path, limits.ZIP_BYTES)
        check_size(data, path.name, limits.ZIP_BYTES)
        return list_zip(data, notes), None
    if path.suffix.lower() in SUFFIXES:
        needed = () if alone else files_beside(path, notes, with_data=with_data)
        return (_entry(path), *needed), None
    raise SubmissionError(
        f"{shown(path.name)} is neither a .py nor a .ipynb, a folder or a .zip.",
        hint=f"Hand in {module}.py or {module}.ipynb.",
    )


def _lies_in(path: Path, folder: Path | None) -> bool:
    return folder is not None and path.resolve().is_relative_to(folder.resolve())


def _lone_zip(entries: tuple[Entry, ...], module: str) -> Entry | None:
    """The zip that a folder stands for: MODULE.zip, or the only one; a source goes before it."""
    sources = [entry for entry in entries if entry.suffix in SUFFIXES]
    if named(sources, module):
        return None
    zips = [entry for entry in entries if entry.suffix == ".zip"]
    called = named(zips, module)
    if not called and any(may_be_homework(entry) for entry in sources):
        return None
    chosen = called or zips
    return chosen[0] if len(chosen) == 1 else None


def _entry(path: Path) -> Entry:
    return Entry(name=path.name, read=lambda limit: read_file(path, limit))


def _kind_at(path: Path, module: str) -> str:
    """What lies at `path`; where nothing does, the error says what lies near it."""
    try:
        return kind_of(path)
    except SubmissionError as err:
        near, hint = _near(path, module), err.hint
        if near is not None:
            hint = f"But there is {shown(_from_here(near))}: name it, or the folder it is in."
        raise NothingThereError(err.message, hint=hint) from err


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
