"""How lateness and attempts count, as frozen data; a homework can have values of its own.

No arithmetic here (that is `grades.py`) and no database; only what can be set, and to what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from grader.errors import UsageError

ATTEMPTS = ("best", "last")
BASES = ("score", "max")
MOST_DAYS, MOST_MINUTES, MOST_PLACES = 10_000, 1_000_000, 6
_CHOICES = {"attempts": ATTEMPTS, "percent_of": BASES}
_DECIMALS = ("percent_per_day", "max_percent")
_WHOLE = {
    "grace_minutes": MOST_MINUTES,
    "max_days": MOST_DAYS,
    "bank_limit": MOST_DAYS,
    "late_days": MOST_DAYS,
    "places": MOST_PLACES,
}
_OPTIONAL = ("max_days", "bank_limit")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What a late submission loses and which attempt counts.

    `percent_per_day` of the attempt's score, or of the homework's maximum with `percent_of`
    "max", for each day of 24 hours that has begun after the due date, at most `max_percent`.
    Up to `grace_minutes` late is on time; later than that counts from the due date.
    More than `max_days` late scores 0; None takes any. `late_days` is the bank that a student
    has for the whole course (only the course's own policy says it); at most `bank_limit` of it go
    into one homework, None leaves that open. `file_times` also counts a time that only a file's
    modification says. `over_max` lets adjustments lift a grade above the maximum. The final grade
    has `places` decimals, halves rounded up.
    """

    attempts: str = "best"
    percent_per_day: Decimal = Decimal(0)
    percent_of: str = "score"
    max_percent: Decimal = Decimal(100)
    grace_minutes: int = 0
    max_days: int | None = None
    late_days: int = 0
    bank_limit: int | None = None
    file_times: bool = False
    over_max: bool = False
    places: int = 2

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise UsageError(f"`{name}` is one of {', '.join(choices)}.")
        for name in _DECIMALS:
            value = getattr(self, name)
            is_number = isinstance(value, Decimal) and value.is_finite()
            if not is_number or not Decimal(0) <= value <= Decimal(100):
                raise UsageError(f"`{name}` is a number from 0 to 100.")
            if int(value.as_tuple().exponent) < -MOST_PLACES:
                raise UsageError(f"`{name}` has at most {MOST_PLACES} decimals.")
        for name, most in _WHOLE.items():
            value = getattr(self, name)
            if value is None and name in _OPTIONAL:
                continue
            if type(value) is not int or not 0 <= value <= most:
                raise UsageError(f"`{name}` is a whole number from 0 to {most}.")


def policy_to_dict(policy: Policy) -> dict[str, Any]:
    """The policy as JSON values; decimals as text."""
    values = {field.name: getattr(policy, field.name) for field in fields(policy)}
    return {n: format(v, "f") if isinstance(v, Decimal) else v for n, v in values.items()}


def changed(policy: Policy, named: Mapping[str, Any]) -> Policy:
    """`policy` with the values in `named` instead; so a homework's own on top of the course's."""
    return policy_from_dict({**policy_to_dict(policy), **named})


def policy_from_dict(value: dict[str, Any]) -> Policy:
    """The inverse; unknown names and wrong values are a UsageError."""
    known = {field.name for field in fields(Policy)}
    unknown = sorted(set(value) - known)
    if unknown:
        raise UsageError(
            f"A policy has no {unknown[0]!r}.", hint=f"It has: {', '.join(sorted(known))}."
        )
    try:
        decimals = {name: Decimal(value[name]) for name in _DECIMALS if name in value}
    except (InvalidOperation, TypeError, ValueError) as err:
        raise UsageError("A policy's percentages are decimal numbers.") from err
    return Policy(**{**value, **decimals})


def option_of(name: str) -> str:
    """A value's name as the command line has it: percent-per-day."""
    return name.replace("_", "-")


def shown(value: Any) -> str:
    """A value of `policy_to_dict` in a word: 10, best, none, yes."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
