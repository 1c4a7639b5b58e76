"""Python source from bytes: encoding, line ends, size. Text only; nothing is compiled."""

from __future__ import annotations

import re

from grader.errors import SubmissionError
from grader.submission import limits
from grader.submission.listing import shown

_BOM = b"\xef\xbb\xbf"
_OTHER_BOMS = (b"\xff\xfe", b"\xfe\xff")  # UTF-16; UTF-32's begins the same way
# PEP 263: in the first line, or in the second after a line that holds no code.
_COOKIE = re.compile(rb"^[ \t\f]*#[^\n]*?coding[:=][ \t]*([-\w.]+)")
_NO_CODE = re.compile(rb"^[ \t\f]*(?:#|$)")
# The declared names taken, as Python normalises them, and the codec that reads each.
_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "ascii": "ascii",
    "us-ascii": "ascii",
    "latin-1": "latin-1",
    "latin1": "latin-1",
    "iso-8859-1": "latin-1",
    "iso8859-1": "latin-1",
    "iso-latin-1": "latin-1",
    "iso-8859-15": "iso-8859-15",
    "iso8859-15": "iso-8859-15",
    "latin-9": "iso-8859-15",
    "cp1252": "cp1252",
    "windows-1252": "cp1252",
}


def decode_source(data: bytes, name: str) -> str:
    """The text of the `.py` file `name`, with `\\n` line ends and the last line ended.

    Takes UTF-8 (with or without a byte order mark) and a declared Latin-1, Latin-9 or cp1252.
    """
    check_size(data, name)
    if data.startswith(_OTHER_BOMS):
        raise SubmissionError(f"{shown(name)} is UTF-16.", hint="Save it as UTF-8.")
    codec = _declared_codec(data, name)
    try:
        text = data.removeprefix(_BOM).decode(codec)
    except UnicodeDecodeError as err:
        line = data.count(b"\n", 0, err.start) + 1
        raise SubmissionError(
            f"{shown(name)} is not {codec.upper()} text: line {line} holds other bytes.",
            hint="Save it as UTF-8.",
        ) from err
    return normal_source(text, name)


def normal_source(text: str, name: str) -> str:
    """`text` with `\\n` line ends and the last line ended; refuses what no source can hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    at = text.find("\0")
    if at >= 0:
        line = text.count("\n", 0, at) + 1
        raise SubmissionError(f"{shown(name)} holds a null character in line {line}.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as err:
        line = text.count("\n", 0, err.start) + 1
        raise SubmissionError(f"{shown(name)} holds half a character in line {line}.") from err
    return text if not text or text.endswith("\n") else text + "\n"


def check_size(data: bytes, name: str, limit: int = limits.SOURCE_BYTES) -> None:
    """SubmissionError where `data` is larger than `limit`, 1 MiB for source."""
    if len(data) > limit:
        raise SubmissionError(
            f"{shown(name)} is larger than {limit // limits.MIB} MiB.",
            hint="Clear the outputs or move data out of it.",
        )


def _declared_codec(data: bytes, name: str) -> str:
    if data.startswith(_BOM):
        return "utf-8"
    for line in data[:4096].splitlines()[:2]:
        match = _COOKIE.match(line)
        if match:
            declared = match[1].decode("ascii", "replace").lower().replace("_", "-")
            if declared not in _CODECS:
                raise SubmissionError(
                    f"{shown(name)} declares the encoding {shown(declared)}, which is not taken.",
                    hint="Save it as UTF-8 and remove the declaration.",
                )
            return _CODECS[declared]
        if not _NO_CODE.match(line):
            break
    return "utf-8"
