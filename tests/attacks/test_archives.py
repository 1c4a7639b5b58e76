"""Hostile archives, folders and notebooks through `grader check`, from the file to the exit code.

Either they are refused, in words and at no cost, or what is hostile in them is left out.
"""

from __future__ import annotations

import io
import json
import os
import stat
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.cli import main
from tests.attacks.lab.bench import peak_mb, reset_peak_mb
from tests.attacks.lab.corpus import STUB
from tests.attacks.lab.decoys import Decoys

pytestmark = pytest.mark.slow

HONEST = 6
REFUSED = 1  # the exit code for a submission that cannot be graded
PEAK_MB, REFUSED_S = 300, 10.0

Make = Callable[[Path, Decoys], Path]


def zipped(
    path: Path, entries: list[tuple[Any, bytes]], method: int = zipfile.ZIP_DEFLATED
) -> Path:
    """A zip at `path` of these names (or ZipInfos) and contents."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def special(name: str, kind: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (kind | 0o777) << 16
    return info


def notebook(cells: list[Any], **more: Any) -> bytes:
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **more}
    return json.dumps(book).encode()


def code(source: str, **more: Any) -> dict[str, Any]:
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    return {**cell, "execution_count": None, **more}


# Each makes a submission in a folder and gives its path.


def bomb(folder: Path, _: Decoys) -> Path:
    return zipped(folder / "a.zip", [("hw3.py", bytes(300 << 20))])


def bomb_beside(folder: Path, _: Decoys) -> Path:
    beside = [(f"data{i}.csv", bytes(40 << 20)) for i in range(5)]
    return zipped(folder / "a.zip", [("hw3.py", STUB.encode()), *beside])


def bomb_that_lies(folder: Path, _: Decoys) -> Path:
    path = bomb(folder, _)
    size = (300 << 20).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (100).to_bytes(4, "little")))
    return path


def many_entries(folder: Path, _: Decoys) -> Path:
    entries = [(f"f{i}.txt", b"") for i in range(25_000)]
    return zipped(folder / "a.zip", entries, zipfile.ZIP_STORED)


def bomb_in_a_zip(folder: Path, _: Decoys) -> Path:
    inner = zipped(folder / "inner.zip", [("hw3.py", bytes(100 << 20))])
    return zipped(folder / "a.zip", [("hw3.zip", inner.read_bytes())])


def traversal(folder: Path, d: Decoys) -> Path:
    up = "../" * 20
    return zipped(
        folder / "a.zip", [(f"{up}{d.outside}/hw3.py", b"x = 1"), ("../hw3.py", b"x = 1")]
    )


def absolute(folder: Path, d: Decoys) -> Path:
    return zipped(folder / "a.zip", [(f"{d.outside}/hw3.py", b"x"), ("C:\\hw3.py", b"x")])


def link_in_zip(folder: Path, d: Decoys) -> Path:
    return zipped(folder / "a.zip", [(special("hw3.py", stat.S_IFLNK), str(d.secret).encode())])


def device_in_zip(folder: Path, _: Decoys) -> Path:
    return zipped(folder / "a.zip", [(special("hw3.py", stat.S_IFBLK), b"")])


def two_of_a_name(folder: Path, _: Decoys) -> Path:
    with pytest.warns(UserWarning, match="Duplicate"):
        return zipped(folder / "a.zip", [("hw3.py", STUB.encode()), ("hw3.py", b"x = 1")])


def encrypted(folder: Path, _: Decoys) -> Path:
    path = zipped(folder / "a.zip", [("hw3.py", STUB.encode())])
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + offset] |= 1
    path.write_bytes(data)
    return path


def damaged(folder: Path, _: Decoys) -> Path:
    path = zipped(folder / "a.zip", [("hw3.py", STUB.encode() + os.urandom(5000))])
    data = bytearray(path.read_bytes())
    data[100:2000] = os.urandom(1900)
    path.write_bytes(data)
    return path


def half_a_zip(folder: Path, _: Decoys) -> Path:
    path = zipped(folder / "a.zip", [("hw3.py", STUB.encode())])
    path.write_bytes(path.read_bytes()[:200])
    return path


def in_a_folder(make: Make) -> Make:
    """The same zip as the only thing in a folder that is handed in."""

    def in_it(folder: Path, d: Decoys) -> Path:
        return make(folder, d).parent

    in_it.__name__ = f"{make.__name__}_in_a_folder"
    return in_it


def link_to_secret(folder: Path, d: Decoys) -> Path:
    (folder / "hw3.py").symlink_to(d.secret)
    return folder / "hw3.py"


def link_in_folder(folder: Path, d: Decoys) -> Path:
    (folder / "hw3.py").symlink_to(d.secret)
    return folder


def folder_of_a_link(folder: Path, d: Decoys) -> Path:
    (folder / "work").symlink_to(d.hidden)
    return folder


def pipe(folder: Path, _: Decoys) -> Path:
    os.mkfifo(folder / "hw3.py")
    return folder / "hw3.py"


def pipe_in_folder(folder: Path, _: Decoys) -> Path:
    os.mkfifo(folder / "hw3.py")
    return folder


def deep_json(folder: Path, _: Decoys) -> Path:
    (folder / "hw3.ipynb").write_bytes(b'{"cells":' + b"[" * 500_000)
    return folder


def deep_metadata(folder: Path, _: Decoys) -> Path:
    nested = b'{"a":' * 20_000 + b"1" + b"}" * 20_000
    cells = json.dumps([code(STUB)]).encode()
    (folder / "hw3.ipynb").write_bytes(
        b'{"nbformat":4,"nbformat_minor":5,"metadata":' + nested + b',"cells":' + cells + b"}"
    )
    return folder


def huge_number(folder: Path, _: Decoys) -> Path:
    (folder / "hw3.ipynb").write_bytes(b'{"nbformat":' + b"4" * 100_000 + b',"cells":[]}')
    return folder


def infinite_version(folder: Path, _: Decoys) -> Path:
    (folder / "hw3.ipynb").write_bytes(b'{"nbformat":Infinity,"cells":[]}')
    return folder


def cells_of_odd_kinds(folder: Path, _: Decoys) -> Path:
    (folder / "hw3.ipynb").write_bytes(notebook([{"cell_type": ["code"], "source": {"a": 1}}, 5]))
    return folder


def half_characters(folder: Path, _: Decoys) -> Path:
    (folder / "hw3.ipynb").write_bytes(notebook([code("x = '\ud800'")]))
    return folder


def null_characters(folder: Path, _: Decoys) -> Path:
    (folder / "hw3.py").write_bytes(STUB.encode() + b"\0\0")
    return folder


def odd_encoding(folder: Path, _: Decoys) -> Path:
    (folder / "hw3.py").write_bytes(b"# coding: rot13\nvzcbeg bf\n")
    return folder


REFUSED_ONES = [
    bomb, bomb_that_lies, many_entries, bomb_in_a_zip, traversal, absolute, link_in_zip,
    device_in_zip, two_of_a_name, encrypted, damaged, half_a_zip, link_to_secret, link_in_folder,
    folder_of_a_link, pipe, pipe_in_folder, deep_json, huge_number, infinite_version,
    cells_of_odd_kinds, half_characters, null_characters, odd_encoding,
    *map(in_a_folder, (
        bomb, bomb_that_lies, many_entries, bomb_in_a_zip, traversal, absolute, link_in_zip,
        device_in_zip, two_of_a_name, encrypted, damaged, half_a_zip,
    )),
]  # fmt: skip


def among_hostile_entries(folder: Path, d: Decoys) -> Path:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(50 << 20))
    up = "../" * 20
    return zipped(
        folder / "a.zip",
        [
            ("hw3.py", STUB.encode()),
            (f"{up}{d.outside}/from-the-zip.py", b"x = 1"),
            (f"{d.outside}/absolute.py", b"x = 1"),
            (special("link.py", stat.S_IFLNK), str(d.secret).encode()),
            (special("pipe.txt", stat.S_IFIFO), b""),
            ("inner.zip", inner.getvalue()),
            ("\x1b[2Jname\u202e.py", b"print('[won]')"),
            ("a\nb.txt", b""),
            ("x" * 5000 + ".txt", b""),
            ("d/" * 200 + "deep.txt", b""),
            ("NUL", b""),
        ],
    )


def among_hostile_files(folder: Path, d: Decoys) -> Path:
    (folder / "hw3.py").write_text(STUB)
    (folder / "secret.txt").symlink_to(d.secret)
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.txt")
    (folder / "\x1b[2J\n::error::\u202e.txt").write_text("x")
    deep = folder
    for _ in range(60):
        deep = deep / "deep"
        deep.mkdir()
    (deep / "numpy.py").write_text("print('[won]')")
    return folder


def bombs_left_out(folder: Path, d: Decoys) -> Path:
    return zipped(
        folder / "a.zip", [("hw3.py", STUB.encode()), ("d.csv", bytes(30 << 20)), ("e.exe", b"MZ")]
    )


def large_files_that_are_taken(folder: Path, d: Decoys) -> Path:
    (folder / "hw3.py").write_text(STUB + "\n\nassert len(open('d3.csv').read()) == 1_900_000\n")
    for i in range(4):
        (folder / f"d{i}.csv").write_bytes(b"x" * 1_900_000)
    return folder


def hostile_notebook(folder: Path, d: Decoys) -> Path:
    touch = f"touch {d.outside}/by-the-notebook"
    commands = [
        f"!{touch}",
        f"%system {touch}",
        f"%%bash\n{touch}",
        f"%run {d.secret}",
        "%load_ext x",
        f"get_ipython().system({touch!r})",
        f"%%writefile {d.outside}/x\nhello",
        f"%cd {d.outside}",
        "?x",
        "%%html\n<script>",
    ]
    kernel = {"name": "../../evil", "argv": ["/bin/sh", "-c", touch], "display_name": "\x1b[2J"}
    output = {"output_type": "display_data", "data": {"text/html": "<script>alert(1)</script>"}}
    cells = [
        code(STUB, metadata={"tags": ["parameters"], "trusted": True, "__class__": "x"}),
        *(code(command, outputs=[output], execution_count=10**300) for command in commands),
        {"cell_type": "raw", "source": "import os; os._exit(0)", "metadata": {"format": "x"}},
        {"cell_type": "markdown", "source": "<script>", "attachments": {"../../x": {"a": "b"}}},
        code("print('[ran]')", id="../../../etc"),
    ]
    metadata = {"kernelspec": kernel, "widgets": {"application/x": {"state": {}}}, "x" * 9999: 1}
    (folder / "hw3.ipynb").write_bytes(notebook(cells, metadata=metadata, evil=[[[]]] * 9))
    return folder


TAKEN_ONES = [
    among_hostile_entries, among_hostile_files, bombs_left_out, large_files_that_are_taken,
    hostile_notebook, in_a_folder(among_hostile_entries), in_a_folder(bombs_left_out),
]  # fmt: skip


def check(path: Path, decoys: Decoys, *options: str) -> int:
    course = str(decoys.root / "course")
    with pytest.raises(SystemExit) as ended:
        main(["check", "hw3", str(path), "--course", course, "--no-color", *options])
    return int(ended.value.code or 0)


@pytest.mark.parametrize("make", REFUSED_ONES, ids=lambda make: make.__name__)
def test_a_hostile_submission_is_refused_in_words(
    make: Make, decoys: Decoys, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make(tmp_path, decoys)
    before, size, started = decoys.state(), reset_peak_mb(), time.monotonic()
    assert check(path, decoys) == REFUSED
    assert time.monotonic() - started < REFUSED_S
    assert peak_mb() - size < PEAK_MB
    printed = capsys.readouterr()
    assert "cannot be graded" in printed.err
    assert "Traceback" not in printed.err
    assert decoys.token not in printed.out + printed.err
    assert all(c == "\n" or c.isprintable() for c in printed.out + printed.err)
    assert decoys.state() == before


@pytest.mark.parametrize("make", [*TAKEN_ONES, deep_metadata], ids=lambda make: make.__name__)
def test_what_is_hostile_beside_an_honest_file_changes_nothing(
    make: Make, decoys: Decoys, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make(tmp_path, decoys)
    before, size = decoys.state(), reset_peak_mb()
    out = tmp_path.parent / f"{tmp_path.name}.json"
    code = check(path, decoys, "--json", str(out), "--problem", "3.2", "--problem", "3.7")
    printed = capsys.readouterr()
    assert code == 1, printed.err
    assert peak_mb() - size < PEAK_MB
    assert all(c == "\n" or c.isprintable() for c in printed.out + printed.err)
    assert decoys.state() == before
    if make is not deep_metadata:  # may also be refused: what is nested so deep is no notebook
        report = json.loads(out.read_text())
        assert report["score"] == HONEST, printed.out
        assert "[won]" not in out.read_text()
        assert decoys.token not in out.read_text()
