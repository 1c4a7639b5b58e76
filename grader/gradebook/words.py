"""Numbers and times in the words of an explanation; no arithmetic that a grade rests on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal


def amount(value: Decimal) -> str:
    """A decimal without needless zeros, never in scientific notation: 90, 9.25, −1."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def signed(value: Decimal) -> str:
    """The same with its sign: +2.5, −1, +0."""
    text = amount(value)
    return text if text.startswith("−") else f"+{text}"


def counted(count: int, noun: str) -> str:
    """1 day, 2 days."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def moment(at: datetime) -> str:
    """A time in UTC to the minute, or to the second where it has one: 2026-10-02 21:59 UTC."""
    at = at.astimezone(UTC)
    clock = "%H:%M" if at.second == 0 else "%H:%M:%S"
    return at.strftime(f"%Y-%m-%d {clock} UTC")


def lateness(by: timedelta) -> str:
    """How long, to the second: 1 d 2 h 10 min, 5 s; "just over" what it is where there is more."""
    seconds, rest = divmod(by, timedelta(seconds=1))
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if seconds >= size:
            parts.append(f"{seconds // size} {unit}")
            seconds %= size
    return f"{'just over ' if rest else ''}{' '.join(parts) or '0 s'}"
