"""How well student code is confined on this machine: plain data for reports and `grader doctor`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from grader.sandbox.canary import Canary, level_from
from grader.sandbox.cell import Cell
from grader.sandbox.policy import NAMESPACE_LAYERS


@dataclass(frozen=True, kw_only=True)
class IsolationReport:
    """What holds, proven by `canaries`; `missing` says what does not, and the remedy.

    `level`: 3 isolated (own namespaces and root), 2 confined (Landlock and seccomp), 1 a separate
    process only, 0 the grader's own process.
    """

    level: int
    landlock_abi: int = 0
    seccomp: bool = False
    namespaces: tuple[str, ...] = ()
    uid_dropped: bool = False
    cgroup: bool = False
    disk_quota: bool = False
    missing: tuple[str, ...] = ()
    canaries: tuple[Canary, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON and msgpack; `from_dict` is the inverse."""
        plain = asdict(self)
        for name in ("namespaces", "missing", "canaries"):
            plain[name] = list(plain[name])
        return plain

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> IsolationReport:
        """The inverse of `to_dict`; unknown keys raise TypeError."""
        canaries = tuple(Canary(**canary) for canary in plain["canaries"])
        namespaces, missing = tuple(plain["namespaces"]), tuple(plain["missing"])
        return cls(**plain | {"canaries": canaries, "namespaces": namespaces, "missing": missing})


def isolation_report(cell: Cell, canaries: list[Canary]) -> IsolationReport:
    """The report of a cell whose canaries have been run (an empty list proves level 1 only)."""
    got_through = [
        f"{canary.name}: a canary could {canary.tried}; level {canary.needed_for} needs it stopped"
        for canary in canaries
        if not canary.stopped
    ]
    return IsolationReport(
        level=level_from(canaries, cell.layers),
        landlock_abi=cell.landlock_abi,
        seccomp="seccomp" in cell.layers,
        namespaces=tuple(sorted(cell.layers & NAMESPACE_LAYERS)),
        uid_dropped="uid" in cell.layers,
        cgroup=cell.cgroup,
        disk_quota=any(canary.name == "disk" and canary.stopped for canary in canaries),
        missing=(*cell.missing, *got_through),
        canaries=tuple(canaries),
    )
