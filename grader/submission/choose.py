"""Which file of a folder or zip is the homework, and how it is said where none or several are."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from grader.errors import SubmissionError
from grader.submission import limits
from grader.submission.folder import read_file
from grader.submission.ipython import without_kernel_calls
from grader.submission.listing import Entry, Notes, shown, some
from grader.submission.model import Cell
from grader.submission.notebook import read_notebook
from grader.submission.source import decode_source

SUFFIXES = (".py", ".ipynb")  # in order of preference
_STARTER_RAISE = "raise NotImplementedError("
_NOT_A_HOMEWORK = frozenset({"__init__.py", "conftest.py", "setup.py"})


def find_main(
    entries: tuple[Entry, ...], module: str, notes: Notes, starters: Path | None
) -> Entry:
    """The file to grade; `starters` is the folder of the homework's starters, if it is known."""
    sources = [entry for entry in entries if entry.suffix in SUFFIXES]
    called = named(sources, module)
    if called:
        main = _of_named(called, module, notes, starters)
        if PurePosixPath(main.base).stem != module:
            notes.add(f"{shown(main.name)} was taken as {module}{main.suffix}.")
        return main
    others = [entry for entry in sources if may_be_homework(entry)]
    if len(others) == 1:
        notes.add(f"There is no {module}.py or {module}.ipynb; {shown(others[0].name)} was taken.")
        return others[0]
    raise SubmissionError(_nothing_found(entries, module), hint=_hint_for(entries, module))


def named(entries: list[Entry], module: str) -> list[Entry]:
    """Those called after `module`; in another case where none is exactly."""
    stems = [(PurePosixPath(entry.base).stem, entry) for entry in entries]
    exact = [entry for stem, entry in stems if stem == module]
    return exact or [entry for stem, entry in stems if stem.lower() == module.lower()]


def may_be_homework(entry: Entry) -> bool:
    """Whether a source file of another name may be the homework: neither a test nor a setup."""
    folders = PurePosixPath(entry.name).parts[:-1]
    return not (
        entry.base in _NOT_A_HOMEWORK or entry.base.startswith("test_") or "tests" in folders
    )


def read_main(main: Entry, notes: Notes) -> tuple[Cell, ...]:
    """The file's code as cells; SubmissionError where it cannot be read."""
    if main.suffix == ".ipynb":
        return read_notebook(main.read(limits.NOTEBOOK_BYTES), main.base, notes)
    text = decode_source(main.read(limits.SOURCE_BYTES), main.base)
    plain = without_kernel_calls(text)
    notes.extend(f"line {at}, {what}" for at, what in plain.notes)
    return (Cell(source=plain.source or ""),)


def text_of(entry: Entry) -> str:
    """A file's code, only to choose by; "" where it cannot be read."""
    try:
        return "".join(cell.source for cell in read_main(entry, Notes()))
    except SubmissionError:
        return ""


def _of_named(called: list[Entry], module: str, notes: Notes, starters: Path | None) -> Entry:
    depth = min(entry.depth for entry in called)
    called = [entry for entry in called if entry.depth == depth]
    if len({entry.folder for entry in called}) > 1:
        raise SubmissionError(
            f"There are several files for {module}: {some(entry.name for entry in called)}.",
            hint="Name the one to grade, or its folder; hand in one of them only.",
        )
    called.sort(key=lambda entry: SUFFIXES.index(entry.suffix))
    main, *others = called
    if main.suffix == ".py" and others and others[-1].suffix == ".ipynb":
        why = _why_notebook(main, others[-1], module, starters)
        if why is not None:
            main, others = others[-1], [main, *others[:-1]]
            notes.add(why)
    if others:
        notes.add(f"{shown(main.name)} was taken, {some(entry.name for entry in others)} not.")
    return main


def _why_notebook(file: Entry, notebook: Entry, module: str, starters: Path | None) -> str | None:
    """Why the notebook is taken where there is a `.py`, too: students get both, and work in one."""
    texts = {entry: _code_lines(text_of(entry)) for entry in (file, notebook)}
    if starters is not None:
        blank = [e for e, lines in texts.items() if lines == _starter_lines(starters, module, e)]
        if len(blank) == 1:
            return f"{shown(file.name)} is still the starter." if blank[0] is file else None
    left, left_there = (
        sum(line.startswith(_STARTER_RAISE) for line in lines) for lines in texts.values()
    )
    functions = sum("def " in line for line in texts[notebook])
    if left_there < left <= functions:
        return f"More is left to do in {shown(file.name)} than in the notebook."
    return None


def _starter_lines(starters: Path, module: str, like: Entry) -> list[str]:
    path = starters / f"{module}{like.suffix}"
    return _code_lines(text_of(Entry(path.name, lambda limit: read_file(path, limit))))


def _code_lines(text: str) -> list[str]:
    stripped = map(str.strip, text.splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


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
