"""Where the judges of a batch run: a core or a graphics card each."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from grader.judge.gpus import VISIBLE, present


@dataclass(frozen=True, kw_only=True)
class Place:
    """A core that a judge and its workers share, or a card; without either, the kernel chooses."""

    core: int | None = None
    gpu: str | None = None

    def take(self) -> None:
        """In the judge's process, before it starts others, which follow it."""
        if self.core is not None:
            os.sched_setaffinity(0, {self.core})
        if self.gpu is not None:
            os.environ[VISIBLE] = self.gpu


def places_for(device: str, judges: int = 0) -> list[Place]:
    """One for each of `judges`; by default as many as there are cores, or cards for a GPU homework.

    A judge and its worker take turns: on one core a message costs half of what it costs when each
    wakes the other's. With more or fewer judges than cores the kernel places them better.
    """
    if device != "cpu":
        cards = present() or ("0",)
        return [Place(gpu=cards[i % len(cards)]) for i in range(judges or len(cards))]
    if sys.platform != "linux":
        return [Place()] * (judges or os.cpu_count() or 1)
    cores = sorted(os.sched_getaffinity(0))
    if judges in (0, len(cores)):
        return [Place(core=core) for core in cores]
    return [Place()] * judges
