"""How one submission of many is graded where that differs from the settings: plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`tests` are run in this order and no others, None means all as the manifest has them.

    `seed` takes the settings' place. With `stop_at_loss` the tests after the first one that loses
    points are left `not_run`: enough to know that a solution is wrong.
    """

    seed: int | None = None
    tests: tuple[str, ...] | None = None
    stop_at_loss: bool = False
