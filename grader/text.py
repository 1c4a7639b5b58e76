"""Makes text that comes from a submission safe to show, on a terminal or in a report.

A leaf: it imports the standard library only and decides nothing about where text is shown.
It does not escape for HTML, Markdown or shells; whoever writes those does that on top.
"""

from __future__ import annotations

import unicodedata

# Control, format (bidi overrides, zero width, tags), surrogate, private, unassigned characters,
# and the two Unicode line ends: none may reach a reader as they are.
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_ELLIPSIS = "…"


def safe_text(text: str, limit: int = 2000, *, lines: bool = False) -> str:
    """`text` with every unsafe character written as an escape, at most `limit` characters long.

    `lines` keeps line ends (`\\r\\n` becomes `\\n`) and tabs; else they are escaped too, as a name
    or a one-line message needs. A text that was cut ends with an ellipsis. Costs O(limit).
    """
    if limit < 1:
        return ""
    kept = text[: limit + 1]
    if lines:
        kept = kept.replace("\r\n", "\n")
    allowed = "\n\t" if lines else ""
    if kept.isascii() and kept.isprintable():
        escaped = kept
    else:
        escaped = "".join(c if c in allowed else _escape(c) for c in kept)
    if len(escaped) <= limit and len(text) <= limit + 1:
        return escaped
    return escaped[: limit - 1] + _ELLIPSIS


def _escape(char: str) -> str:
    if unicodedata.category(char) not in _UNSAFE_CATEGORIES:
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
