"""A student's `answers.toml`: what can be read of it, and what to mend in which line.

Where the file as a whole is no TOML, its lines are read one by one, so that one slip does not cost
every answer.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any, NamedTuple

from grader.submission.model import ANSWERS_FILE
from grader.text import safe_text

# The parser's time and memory grow with the square of a dotted key: 0.6 s and 50 MB for 8,000
# bytes of "a.a.a...", 33 s and 4 GB for 64 KiB.
MAX_BYTES = 8_000
MAX_REMARKS = 3
_ASSIGNMENT = re.compile(r'\s*["\']?([\w-]{1,40})["\']?\s*([:=])\s*(.*)')
_BARE = re.compile(r"[A-Za-z]\w{0,20}")
_CURLY = re.compile("[\u2018\u2019\u201c\u201d\u201e]")  # what word processors make of quotes
_EXAMPLE = 'write lines like q1 = "b", q2 = 12 or q3 = ["a", "c"]'


class Remark(NamedTuple):
    """What is wrong in the file, and the name of the only answer that it costs, if it is known."""

    text: str
    answer: str | None = None


def read_answers_file(content: bytes) -> tuple[dict[str, Any], list[Remark]]:
    """The file's entries, and remarks on what could not be read, each with its place."""
    if len(content) > MAX_BYTES:
        return {}, [Remark(f"{ANSWERS_FILE} has more than {MAX_BYTES} bytes and was not read")]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        words = f"{ANSWERS_FILE} is not UTF-8 text and was not read: save it as UTF-8"
        return {}, [Remark(words)]
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as err:  # no TOML, a number too long, nested too deep
        return _line_by_line(text, err)
    inner = table.get("quiz_answers")
    return (inner if len(table) == 1 and isinstance(inner, dict) else table), []


def _line_by_line(text: str, whole: Exception) -> tuple[dict[str, Any], list[Remark]]:
    answers: dict[str, Any] = {}
    remarks: list[Remark] = []
    for number, line in enumerate(text.splitlines(), start=1):
        at = f"{ANSWERS_FILE}, line {number}:"
        try:
            found = tomllib.loads(line)
        except (ValueError, RecursionError):
            match = _ASSIGNMENT.match(line)
            remarks.append(Remark(f"{at} {_remedy(line)}", match and match[1]))
            continue
        for name, value in found.items():
            if name in answers:
                remarks.append(Remark(f"{at} {safe_text(name, 20)} is there twice", name))
            elif not isinstance(value, dict):
                answers[name] = value
    cannot = f"{ANSWERS_FILE} cannot be read: {safe_text(str(whole), 100)}"
    return answers, remarks or [Remark(cannot)]


def shown_remarks(remarks: list[Remark]) -> list[str]:
    """The first remarks, and how many more there are."""
    left = len(remarks) - MAX_REMARKS
    more = [f"{ANSWERS_FILE}: {left} more lines cannot be read"] if left > 0 else []
    return [remark.text for remark in remarks[:MAX_REMARKS]] + more


def _remedy(line: str) -> str:
    """What to mend in a line that is no TOML."""
    if _CURLY.search(line):
        return 'use straight quotes, "'
    match = _ASSIGNMENT.match(line)
    if match is None:
        return _EXAMPLE
    name, sign, value = match[1], match[2], match[3].partition("#")[0].strip()
    if sign == ":":
        return f"write = instead of the colon after {name}"
    if not value:
        return f"nothing stands after {name} ="
    if value.endswith(","):
        return "leave the comma at the end away"
    if _BARE.fullmatch(value):
        return f"put quotes round {value}"
    bare = [part.strip() for part in value.strip("[]").split(",")]
    if value.startswith("[") and value.endswith("]") and all(map(_BARE.fullmatch, bare)):
        return f"put quotes round {' and '.join(dict.fromkeys(bare[:6]))}"
    return _EXAMPLE
