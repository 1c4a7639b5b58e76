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
    """How long, its seconds only where there is nothing longer: 1 d 2 h 10 min, 5 s."""
    seconds = int(by.total_seconds())
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            parts.append(f"{seconds // size} {unit}")
            seconds %= size
    return " ".join(parts) or (f"{seconds} s" if seconds else "less than a second")
