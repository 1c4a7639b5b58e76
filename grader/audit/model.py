"""What an audit found, as frozen data and as JSON. Grades nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SCHEMA_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing an author should see: about what, in words, and a diff where there is one.

    A finding that is `only_a_note` does not make the homework unfit by itself.
    """

    subject: str
    message: str
    diff: str = ""
    only_a_note: bool = False


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """One check: `held` of `tried` things were as they must be; `facts` are JSON values."""

    name: str
    claim: str
    fit: bool
    tried: int
    held: int
    summary: str = ""
    findings: tuple[Finding, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    duration_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Audit:
    """All checks of one homework; `sampled` says that some looked at a sample only."""

    assignment: str
    title: str
    seed: int
    device: str
    sampled: bool
    checks: tuple[CheckResult, ...]
    duration_s: float

    @property
    def fit(self) -> bool:
        return all(check.fit for check in self.checks)


def result(
    name: str,
    claim: str,
    tried: int,
    findings: list[Finding],
    *,
    held: int | None = None,
    fit: bool | None = None,
    summary: str = "",
    facts: dict[str, Any] | None = None,
) -> CheckResult:
    """A check's result; by default it is fit where nothing was found but notes.

    `held` is by default `tried` less the subjects that something was found of.
    """
    faulty = [finding for finding in findings if not finding.only_a_note]
    if held is None:
        held = tried - len({finding.subject for finding in faulty})
    return CheckResult(
        name=name,
        claim=claim,
        fit=not faulty if fit is None else fit,
        tried=tried,
        held=max(held, 0),
        summary=summary,
        findings=tuple(findings),
        facts=facts or {},
    )


def to_dict(audit: Audit) -> dict[str, Any]:
    """The audit as JSON values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "assignment": audit.assignment,
        "title": audit.title,
        "fit": audit.fit,
        "sampled": audit.sampled,
        "seed": audit.seed,
        "device": audit.device,
        "duration_s": audit.duration_s,
        "checks": [
            {
                "name": check.name,
                "claim": check.claim,
                "fit": check.fit,
                "tried": check.tried,
                "held": check.held,
                "summary": check.summary,
                "facts": check.facts,
                "findings": [
                    {
                        "subject": finding.subject,
                        "message": finding.message,
                        "diff": finding.diff,
                        "only_a_note": finding.only_a_note,
                    }
                    for finding in check.findings
                ],
                "duration_s": check.duration_s,
            }
            for check in audit.checks
        ],
    }
