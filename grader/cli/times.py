"""Times as a person types them: with an offset, in a named zone, or in this machine's own."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from grader.errors import UsageError

FORMS = "2026-10-02 23:59, 2026-10-02T23:59+02:00, or 2026-10-02 for the end of that day"
LATER = "or +2d, +12h, +30min after the due date"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_LATER = re.compile(r"\+(\d{1,4}) ?(d|h|min)\Z")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "min": timedelta(minutes=1)}


def parse_time(text: str, zone: str | None = None, after: datetime | None = None) -> datetime:
    """`text` as an aware time in UTC; without an offset it is in `zone`, else in the local zone.

    `+2d`, `+12h` and `+30min` count from `after`, in hours as they pass, where that is given.
    """
    text = text.strip()
    later = _LATER.match(text)
    if later is not None:
        if after is None:
            raise UsageError(
                f"{text!r} counts from a due date, and there is none.",
                hint="Give a time, or set what is due first: grader gradebook due HOMEWORK TIME",
            )
        return after + int(later[1]) * _UNITS[later[2]]
    try:
        at = datetime.fromisoformat(text)
    except ValueError as err:
        forms = f"{FORMS}; {LATER}" if after is not None else FORMS
        raise UsageError(f"{text!r} is no time.", hint=f"Write it like {forms}.") from err
    if _DATE.match(text):
        at = at.replace(hour=23, minute=59, second=59)
    if at.tzinfo is None:
        at = at.replace(tzinfo=named_zone(zone)) if zone else at.astimezone()
    elif zone:
        raise UsageError(f"{text!r} says its offset already; leave --zone away.")
    return at.astimezone(UTC)


def named_zone(name: str) -> ZoneInfo:
    """The zone `name`, as in Europe/Berlin."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as err:
        raise UsageError(f"There is no time zone {name!r}.", hint="Like Europe/Berlin.") from err
