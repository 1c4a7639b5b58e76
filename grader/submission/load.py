"""From a path to a Submission: finds the student's file and reads it and what goes with it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from types import MappingProxyType

from grader.errors import SubmissionError
from grader.submission import limits
from grader.submission.archive import list_zip
from grader.submission.folder import kind_of, list_folder, read_file
from grader.submission.ipython import without_kernel_calls
from grader.submission.listing import Entry, Notes, shown, some
from grader.submission.model import Cell, Submission, content_hash
from grader.submission.notebook import read_notebook
from grader.submission.source import check_size, decode_source
from grader.text import safe_text

_SUFFIXES = (".py", ".ipynb")  # in order of preference
_STARTER_RAISE = "raise NotImplementedError("
_ANSWERS = "answers.toml"
_NOT_A_HOMEWORK = frozenset({"__init__.py", "conftest.py", "setup.py"})


def load_submission(path: Path, module: str) -> Submission:
    """What was handed in at `path` (a `.py`, a `.ipynb`, a folder or a `.zip`) for `module`.

    In a folder or zip the file looked for is MODULE.py, else MODULE.ipynb, else the only file of
    such a kind; a folder that holds none but one zip is that zip, and a zip inside that is not
    opened. Of both, the `.py` is taken, unless the notebook has fewer of the starter's raises
    left: students get both and work in one. A path that is itself a symbolic link is refused; a
    caller who trusts it resolves it first. Raises SubmissionError for all that cannot be graded.
    """
    path = Path(path)
    notes = Notes()
    kind = kind_of(path)
    entries, zipped = _entries_at(path, kind, module, notes)
    is_one_file = kind == "file" and path.suffix.lower() in _SUFFIXES
    main = entries[0] if is_one_file else _find_main(entries, module, notes)
    cells = _read_main(main, notes)
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
    entries, _ = _entries_at(path, kind_of(path), module, Notes())
    sources = [entry for entry in entries if entry.suffix in _SUFFIXES]
    chosen = _named(sources, module) or [e for e in sources if _may_be_homework(e)]
    return tuple(entry.base for entry in chosen)


def _entries_at(
    path: Path, kind: str, module: str, notes: Notes
) -> tuple[tuple[Entry, ...], str | None]:
    """The files at `path`, a lone file first, and the name of the zip in a folder that holds them.

    The caps on a zip hold for one in a folder as well.
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
    if path.suffix.lower() in _SUFFIXES:
        return (_entry(path), *_answers_beside(path, module)), None
    raise SubmissionError(
        f"{shown(path.name)} is neither a .py nor a .ipynb, a folder or a .zip.",
        hint=f"Hand in {module}.py or {module}.ipynb.",
    )


def _lone_zip(entries: tuple[Entry, ...], module: str) -> Entry | None:
    """The zip that a folder stands for: MODULE.zip, or the only one; a source goes before it."""
    sources = [entry for entry in entries if entry.suffix in _SUFFIXES]
    if _named(sources, module):
        return None
    zips = [entry for entry in entries if entry.suffix == ".zip"]
    called = _named(zips, module)
    if not called and any(_may_be_homework(entry) for entry in sources):
        return None
    chosen = called or zips
    return chosen[0] if len(chosen) == 1 else None


def _entry(path: Path) -> Entry:
    return Entry(name=path.name, read=lambda limit: read_file(path, limit))


def _answers_beside(path: Path, module: str) -> tuple[Entry, ...]:
    """The quiz answers that lie beside a file of the homework's own name."""
    answers = path.parent / _ANSWERS
    try:
        beside = path.stem == module and kind_of(answers) == "file"
    except SubmissionError:
        beside = False
    return (_entry(answers),) if beside else ()


def _find_main(entries: tuple[Entry, ...], module: str, notes: Notes) -> Entry:
    sources = [entry for entry in entries if entry.suffix in _SUFFIXES]
    named = _named(sources, module)
    if named:
        main = _of_named(named, module, notes)
        if PurePosixPath(main.base).stem != module:
            notes.add(f"{shown(main.name)} was taken as {module}{main.suffix}.")
        return main
    others = [entry for entry in sources if _may_be_homework(entry)]
    if len(others) == 1:
        notes.add(f"There is no {module}.py or {module}.ipynb; {shown(others[0].name)} was taken.")
        return others[0]
    raise SubmissionError(_nothing_found(entries, module), hint=_hint_for(entries, module))


def _named(entries: list[Entry], module: str) -> list[Entry]:
    """Those called after `module`; in another case where none is exactly."""
    stems = [(PurePosixPath(entry.base).stem, entry) for entry in entries]
    exact = [entry for stem, entry in stems if stem == module]
    return exact or [entry for stem, entry in stems if stem.lower() == module.lower()]


def _of_named(named: list[Entry], module: str, notes: Notes) -> Entry:
    depth = min(entry.depth for entry in named)
    named = [entry for entry in named if entry.depth == depth]
    if len({entry.folder for entry in named}) > 1:
        raise SubmissionError(
            f"There are several files for {module}: {some(entry.name for entry in named)}.",
            hint="Hand in one folder.",
        )
    named.sort(key=lambda entry: _SUFFIXES.index(entry.suffix))
    main, *others = named
    if main.suffix == ".py" and others and others[-1].suffix == ".ipynb":
        file, notebook = _text_of(main), _text_of(others[-1])
        left = file.count(_STARTER_RAISE)
        if notebook.count(_STARTER_RAISE) < left <= notebook.count("def "):
            main, others = others[-1], [main, *others[:-1]]
            notes.add(f"More is left to do in {shown(others[0].name)} than in the notebook.")
    if others:
        notes.add(f"{shown(main.name)} was taken, {some(entry.name for entry in others)} not.")
    return main


def _text_of(entry: Entry) -> str:
    """A file's code, only to choose by; "" where it cannot be read."""
    try:
        return "".join(cell.source for cell in _read_main(entry, Notes()))
    except SubmissionError:
        return ""


def _may_be_homework(entry: Entry) -> bool:
    folders = PurePosixPath(entry.name).parts[:-1]
    return not (
        entry.base in _NOT_A_HOMEWORK or entry.base.startswith("test_") or "tests" in folders
    )


def _nothing_found(entries: tuple[Entry, ...], module: str) -> str:
    there = some(entry.name for entry in entries) if entries else "nothing that can be graded"
    return f"Looked for {module}.py or {module}.ipynb and found {there}."


def _hint_for(entries: tuple[Entry, ...], module: str) -> str:
    zips = sum(entry.suffix == ".zip" for entry in entries)
    if zips > 1:
        return "Hand in one zip only, or what is in it."
    if zips:
        return "Unpack the zip inside and hand its content in."
    return f"Name your file {module}.py or {module}.ipynb."


def _read_main(main: Entry, notes: Notes) -> tuple[Cell, ...]:
    if main.suffix == ".ipynb":
        return read_notebook(main.read(limits.NOTEBOOK_BYTES), main.base, notes)
    text = decode_source(main.read(limits.SOURCE_BYTES), main.base)
    plain = without_kernel_calls(text)
    notes.extend(f"Line {at}, {what}" for at, what in plain.notes)
    return (Cell(source=plain.source or ""),)


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
    twin = entry.folder == main.folder and stem == module and entry.suffix in _SUFFIXES
    return twin or entry is main
