"""An audit as text for a terminal: a table of checks, then what was found.

It gives back a string and prints nothing.
"""

from __future__ import annotations

from grader.audit.model import Audit, CheckResult, Finding
from grader.render.look import Look, cells, cut, pad, page, wrap

NAME = 10  # cells
MAX_FINDINGS = 40  # of one check; all of them are in the JSON
TIME = 8


def render_audit(audit: Audit, *, color: bool, width: int, encoding: str | None = None) -> str:
    """One homework's audit in lines of at most `width` columns; no final newline."""
    look = page(color=color, width=width, encoding=encoding)
    dot = look.glyphs.dot
    facts = [audit.device, f"seed {audit.seed}", f"{audit.duration_s:.0f} s"]
    facts += ["a sample"] if audit.sampled else []
    title = cut(look.clean(audit.title), look.width - cells(audit.assignment) - 4, "...")
    rule = look.paint(look.glyphs.rule * look.width, "dim")
    lines = [
        f" {look.paint(audit.assignment, 'bold', 'cyan')}  {look.paint(title, 'bold')}",
        " " + look.paint(f" {dot} ".join(facts), "dim"),
        rule,
    ]
    lines += [line for check in audit.checks for line in _check(check, look)]
    lines.append(rule)
    for check in audit.checks:
        lines += _findings(check, look)
    return "\n".join([*lines, "", _verdict(audit, look)])


def _check(check: CheckResult, look: Look) -> list[str]:
    mark, color = (look.glyphs.passed, "green") if check.fit else (look.glyphs.failed, "red")
    counted = f"{check.held} of {check.tried}"
    right = pad(counted, 14, right=True) + pad(f"{check.duration_s:.1f} s", TIME + 1, right=True)
    room = look.width - NAME - cells(right) - 5
    claim, *more = wrap(look.encodable(check.claim), room)
    head = f" {look.paint(mark, color)} {pad(check.name, NAME)} {pad(claim, room)} "
    lines = [head + look.paint(right, "dim")]
    lines += [" " * (NAME + 4) + line for line in more]
    summary = wrap(look.encodable(check.summary), room) if check.summary else []
    lines += [" " * (NAME + 4) + look.paint(line, "dim") for line in summary]
    return lines


def _findings(check: CheckResult, look: Look) -> list[str]:
    if not check.findings:
        return []
    lines = ["", f" {look.paint(check.name, 'bold')}"]
    for finding in check.findings[:MAX_FINDINGS]:
        lines += _finding(finding, look)
    if len(check.findings) > MAX_FINDINGS:
        lines.append(f"   and {len(check.findings) - MAX_FINDINGS} more (--json has all)")
    return lines


def _finding(finding: Finding, look: Look) -> list[str]:
    color = "yellow" if finding.only_a_note else "red"
    bullet = look.paint(look.glyphs.dot, color)
    words = look.clean(f"{finding.subject}: {finding.message}", 600)
    first, *more = wrap(words, look.width - 5)
    lines = [f"   {bullet} {first}", *(f"     {line}" for line in more)]
    for line in finding.diff.split("\n") if finding.diff else ():
        text = cut(look.clean(line, 300), look.width - 7, "...")
        lines.append("       " + look.paint(text, "red" if line.startswith("-") else "green"))
    return lines


def _verdict(audit: Audit, look: Look) -> str:
    if audit.fit:
        return look.paint(f" {audit.assignment} is fit for release.", "bold", "green")
    unfit = ", ".join(check.name for check in audit.checks if not check.fit)
    return look.paint(f" {audit.assignment} is not fit for release: {unfit}.", "bold", "red")
