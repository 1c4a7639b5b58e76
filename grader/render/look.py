"""How text is laid out on a terminal: width of characters, wrapping, colours, glyphs.

It knows nothing of reports and does not print. Widths are those of most terminals: two cells for
wide East Asian characters, none for combining marks, one for all others.
"""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import dataclass

from grader.text import safe_text

MIN_WIDTH, MAX_WIDTH = 40, 100  # columns; longer lines are hard to read
CODES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
}


@dataclass(frozen=True, kw_only=True)
class Glyphs:
    """The characters that are not letters, in a fine and in a plain set."""

    rule: str
    full: str
    empty: str
    unknown: str
    passed: str
    partial: str
    failed: str
    timeout: str
    crashed: str
    not_run: str
    error: str
    dot: str
    arrow: str
    gutter: str
    ellipsis: str


FINE = Glyphs(
    rule="─",
    full="━",
    empty="╌",
    unknown="·",
    passed="✓",
    partial="◐",
    failed="✗",
    timeout="◷",
    crashed="✗",
    not_run="○",
    error="!",
    dot="·",
    arrow="→",
    gutter="│",
    ellipsis="…",
)
PLAIN = Glyphs(
    rule="-",
    full="#",
    empty=".",
    unknown="?",
    passed="+",
    partial="~",
    failed="x",
    timeout="t",
    crashed="x",
    not_run="o",
    error="!",
    dot="-",
    arrow=">",
    gutter="|",
    ellipsis="...",
)


@dataclass(frozen=True, kw_only=True)
class Look:
    """The page: its width in cells, whether it is coloured, its encoding and glyphs."""

    width: int
    color: bool
    encoding: str
    glyphs: Glyphs

    def paint(self, text: str, *styles: str) -> str:
        """`text` in these styles ("bold", "red", ...), or as it is on a page without colour."""
        if not self.color or not styles or not text:
            return text
        codes = ";".join(CODES[style] for style in styles)
        return f"\x1b[{codes}m{text}\x1b[0m"

    def clean(self, text: str, limit: int = 1000) -> str:
        """One line of text, perhaps from a submission, safe to show and to encode."""
        return self.encodable(safe_text(text, limit))

    def encodable(self, text: str) -> str:
        """`text` with what the page's encoding lacks in other words: θ is "theta", é is "e"."""
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return "".join(_plain(char, self.encoding) for char in text)
        return text


def _plain(char: str, encoding: str) -> str:
    name = unicodedata.name(char, "")
    if name.startswith("GREEK ") and " LETTER " in name:
        letter = name.split(" LETTER ")[1].split(" ")[0]
        plain = letter.capitalize() if "CAPITAL" in name else letter.lower()
    else:
        plain = unicodedata.normalize("NFKD", char)
    for candidate in (char, plain, plain[:1]):
        try:
            candidate.encode(encoding)
        except UnicodeEncodeError:
            continue
        return candidate
    return char.encode("ascii", "backslashreplace").decode()


def cells(text: str) -> int:
    """The number of terminal cells that `text` (without colours) takes."""
    if text.isascii():
        return len(text)
    return sum(_cell(char) for char in text)


def _cell(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def pad(text: str, width: int, *, right: bool = False) -> str:
    """`text` filled with spaces to `width` cells, on its left where `right` is set."""
    fill = " " * max(0, width - cells(text))
    return fill + text if right else text + fill


def cut(text: str, width: int, ellipsis: str) -> str:
    """`text` in at most `width` cells; a cut is marked."""
    if cells(text) <= width:
        return text
    return _prefix(text, max(0, width - cells(ellipsis))).rstrip() + ellipsis


def _prefix(text: str, width: int) -> str:
    used = 0
    for i, char in enumerate(text):
        used += _cell(char)
        if used > width:
            return text[:i]
    return text


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken at spaces, and inside a word that is longer."""
    width = max(2, width)
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cells(joined) <= width:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        while cells(word) > width:
            head = _prefix(word, width)
            lines[-1] = head
            lines.append("")
            word = word[len(head) :]
        lines[-1] = word
    return lines if lines[-1] or len(lines) == 1 else lines[:-1]


def page(*, color: bool, width: int, encoding: str | None = None) -> Look:
    """A page of `width` columns, kept within bounds; `encoding` is that of stdout by default."""
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    return Look(
        width=min(max(width, MIN_WIDTH), MAX_WIDTH),
        color=color,
        encoding=encoding,
        glyphs=choose_glyphs(encoding),
    )


def choose_glyphs(encoding: str | None) -> Glyphs:
    """The fine set where `encoding` can carry all of it, else the plain one."""
    fine = "".join(vars(FINE).values())
    try:
        fine.encode(encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return PLAIN
    return FINE
