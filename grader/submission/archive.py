"""The files of a zip, unpacked in memory and only as far as the limits go.

Sizes a header states are never trusted, nothing is written to disk, and an archive inside the
archive is a file like any other. Entries with a name that leads elsewhere, links and devices are
passed over; what makes the archive as a whole doubtful (encryption, two files of one name, a bomb)
is refused.
"""

from __future__ import annotations

import contextlib
import io
import stat
import zipfile
from functools import partial
from pathlib import PurePosixPath

from grader.errors import SubmissionError
from grader.submission import limits
from grader.submission.listing import Entry, Notes, is_clutter, name_fault, shown

_ENTRY_SIGNATURE = b"PK\x01\x02"  # begins each entry of a zip's directory
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others unpack without a bound on memory
_CHUNK = 64 * 1024
_IS_UTF8 = 0x800


def list_zip(data: bytes, notes: Notes) -> tuple[Entry, ...]:
    """The regular files of the zip `data`, sorted by name; what is passed over is noted."""
    if data.count(_ENTRY_SIGNATURE) > limits.ENTRIES:
        raise SubmissionError(
            f"The zip holds more than {limits.ENTRIES} files.",
            hint="Zip the homework's folder alone.",
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception as err:  # whatever a made-up directory provokes in the reader
        raise SubmissionError(
            "The zip cannot be read: it is damaged, incomplete or no zip.",
            hint="Make it again and check that it opens.",
        ) from err
    budget = _Budget(limits.UNPACKED_BYTES)
    entries: dict[str, Entry] = {}
    for info in archive.infolist():
        name = name_in_zip(info)
        while name.startswith("./"):
            name = name[2:]
        if name.endswith("/") or is_clutter(name):
            continue
        fault = name_fault(name) or _entry_fault(info)
        if fault is not None:
            notes.add(f"{shown(name)} was left out: {fault}.")
            continue
        if name in entries:
            raise SubmissionError(
                f"The zip holds two files of the name {shown(name)}.",
                hint="Make the zip afresh instead of adding to an old one.",
            )
        entries[name] = Entry(name=name, read=partial(_read, archive, info, name, budget))
    environments = {entry.folder for entry in entries.values() if entry.base == "pyvenv.cfg"} - {""}
    return tuple(
        entries[name]
        for name in sorted(entries)
        if environments.isdisjoint(str(parent) for parent in PurePosixPath(name).parents)
    )


def name_in_zip(info: zipfile.ZipInfo) -> str:
    """The whole name that the directory states, with `/`.

    Many tools write UTF-8 and do not say so; what is no UTF-8 is read as the standard has it.
    """
    name = info.orig_filename
    if not info.flag_bits & _IS_UTF8:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


class _Budget:
    """Bytes that may still be unpacked of one archive."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise SubmissionError(
                f"The zip unpacks to more than {limits.UNPACKED_BYTES // limits.MIB} MiB.",
                hint="Hand in the homework's files alone, without data sets.",
            )


def _entry_fault(info: zipfile.ZipInfo) -> str | None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "it is a symbolic link"
    if kind not in (0, stat.S_IFREG):
        return "it is no regular file"
    return None


def _read(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, budget: _Budget, limit: int
) -> bytes:
    if info.flag_bits & _ENCRYPTED:
        raise SubmissionError(f"{shown(name)} in the zip is encrypted.", hint="Zip it unencrypted.")
    if info.compress_type not in _METHODS:
        raise SubmissionError(
            f"{shown(name)} in the zip is compressed in an unusual way.",
            hint="Use an ordinary zip (deflate).",
        )
    parts: list[bytes] = []
    size = 0
    try:
        with archive.open(info) as file:
            while size <= limit and (part := file.read(min(_CHUNK, limit + 1 - size))):
                budget.spend(len(part))
                parts.append(part)
                size += len(part)
    except SubmissionError:
        raise
    except Exception as err:  # whatever a made-up entry provokes in the reader
        raise SubmissionError(
            f"{shown(name)} in the zip is damaged.",
            hint="Make the zip again and check that it opens.",
        ) from err
    return b"".join(parts)
