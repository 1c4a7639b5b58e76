"""The code cells of a Jupyter notebook, as Python.

Only the cells' kinds and sources are looked at: outputs, metadata and attachments of a notebook
are never used, so nothing in them can matter. Older versions of the format differ in where a cell
lies and what its source is called, and are read as they are: the format's own library would copy
and check everything in them first, which takes half a minute for what is refused here at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from grader.errors import SubmissionError
from grader.submission import limits
from grader.submission.ipython import plain_python
from grader.submission.listing import Notes, shown
from grader.submission.model import Cell
from grader.submission.source import check_size, normal_source

# for each version of the format, what a code cell's source is called
_SOURCE = {1: "code", 2: "input", 3: "input", 4: "source"}
_IN_SHEETS = (2, 3)  # versions whose cells lie in worksheets
_SAVE_AGAIN = "Open it in Jupyter, save it and hand that file in."


def read_notebook(data: bytes, name: str, notes: Notes) -> tuple[Cell, ...]:
    """The code cells of the notebook `name`; what was skipped or replaced in them is noted.

    Every fault of the file, whatever it is, is a SubmissionError. Bounded by `limits`.
    """
    check_size(data, name, limits.NOTEBOOK_BYTES)
    notebook = _parse(data, name)
    cells: list[Cell] = []
    size = 0
    line = 1
    number = 0
    for number, text in enumerate(_code_cells(notebook, name), start=1):
        label = f"code cell {number} of {name}"
        size += len(text)
        if number > limits.CODE_CELLS or size > limits.SOURCE_BYTES:
            raise SubmissionError(
                f"{shown(name)} holds more than {limits.CODE_CELLS} code cells or "
                f"{limits.SOURCE_BYTES // limits.MIB} MiB of code."
            )
        plain = plain_python(normal_source(text, label))
        notes.extend(f"code cell {number}, line {at}, {what}" for at, what in plain.notes)
        if plain.source and plain.source.strip():
            cells.append(Cell(source=plain.source, number=number, first_line=line))
            line += plain.source.count("\n")
    if not number:
        raise SubmissionError(f"{shown(name)} holds no code cell.")
    return tuple(cells)


def _parse(data: bytes, name: str) -> dict[str, Any]:
    if not data.strip():
        raise SubmissionError(f"{shown(name)} is empty.", hint=_SAVE_AGAIN)
    if data.count(b"[") + data.count(b"{") > limits.JSON_CONTAINERS:
        raise SubmissionError(f"{shown(name)} is too large.", hint="Clear its outputs.")
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as err:
        raise SubmissionError(f"{shown(name)} is not UTF-8 text.", hint=_SAVE_AGAIN) from err
    except json.JSONDecodeError as err:
        raise SubmissionError(
            f"{shown(name)} is no notebook: not JSON at line {err.lineno}.", hint=_SAVE_AGAIN
        ) from err
    except (ValueError, RecursionError, MemoryError) as err:  # a number too long, nested too deep
        raise SubmissionError(f"{shown(name)} is no usable notebook.", hint=_SAVE_AGAIN) from err
    if not isinstance(notebook, dict):
        raise SubmissionError(f"{shown(name)} is no notebook.", hint=_SAVE_AGAIN)
    return notebook


def _code_cells(notebook: dict[str, Any], name: str) -> Iterator[str]:
    version = notebook.get("nbformat")
    if type(version) is not int or version not in _SOURCE:
        raise SubmissionError(
            f"{shown(name)} is no notebook of a known version ({shown(_start(version))}).",
            hint=_SAVE_AGAIN,
        )
    sheets = _objects(notebook, "worksheets", name) if version in _IN_SHEETS else [notebook]
    for sheet in sheets:
        for cell in _objects(sheet, "cells", name):
            kind = cell.get("cell_type")
            if not isinstance(kind, str):
                raise SubmissionError(f"{shown(name)} holds a cell of no kind.", hint=_SAVE_AGAIN)
            if kind == "code":
                yield _text(cell.get(_SOURCE[version]), name)


def _start(value: object) -> str:
    """How a value begins; a list or object in its place may be as large as the file."""
    return str(value)[:40] if isinstance(value, str | int | float | None) else type(value).__name__


def _objects(table: dict[str, Any], key: str, name: str) -> list[dict[str, Any]]:
    found = table.get(key)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise SubmissionError(
            f"{shown(name)} is no notebook: its `{key}` are not a list of objects.",
            hint=_SAVE_AGAIN,
        )
    return found


def _text(source: Any, name: str) -> str:
    if isinstance(source, list) and all(isinstance(part, str) for part in source):
        return "".join(source)
    if isinstance(source, str):
        return source
    raise SubmissionError(f"{shown(name)} holds a code cell without text.", hint=_SAVE_AGAIN)
