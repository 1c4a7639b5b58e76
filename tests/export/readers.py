"""The readers of a step's log and output, by their documented rules: runner and reporter."""

from __future__ import annotations

import base64
import itertools
import json
import re
from dataclasses import dataclass
from typing import Any

# what the runner obeys, in any case of letters
COMMANDS = {
    "error",
    "warning",
    "notice",
    "debug",
    "group",
    "endgroup",
    "add-mask",
    "add-matcher",
    "remove-matcher",
    "set-env",
    "set-output",
    "save-state",
    "add-path",
    "echo",
    "stop-commands",
}


@dataclass(frozen=True)
class Command:
    name: str
    properties: dict[str, str]
    message: str


def obeyed(log: str) -> list[Command]:
    """The commands that a runner finds in a log; stop-commands and its token are heeded."""
    found: list[Command] = []
    token = None
    for line in log.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if token is not None:
            token = None if line.strip() == f"::{token}::" else token
            continue
        parsed = _new_style(line) or _old_style(line)
        if parsed is None:
            continue
        if parsed.name == "stop-commands":
            token = parsed.message
        else:
            found.append(parsed)
    return found


def _new_style(line: str) -> Command | None:
    # characters without width are skipped when texts are compared, so they are here
    text = "".join(
        c for c in line.lstrip() if c not in "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f"
    )
    if not text.startswith("::") or "::" not in text[2:]:
        return None
    head, message = text[2:].split("::", 1)
    name, _, listed = head.partition(" ")
    if name.lower() not in COMMANDS:
        return None
    properties = {}
    for pair in filter(None, listed.strip().split(",")):
        key, _, value = pair.partition("=")
        properties[key] = _undo(value, {"%3A": ":", "%2C": ","})
    return Command(name.lower(), properties, _undo(message, {}))


def _old_style(line: str) -> Command | None:
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    name = line[start + 3 : end].split(" ")[0].lower()
    return Command(name, {}, line[end + 1 :]) if name in COMMANDS else None


def _undo(text: str, more: dict[str, str]) -> str:
    for escaped, char in {"%0D": "\r", "%0A": "\n", **more}.items():
        text = text.replace(escaped, char)
    return text.replace("%25", "%")


# setup-python's problem matcher: these two lines, one after the other, make an error
_MATCHER = (r"\s*File\s\"(.*)\",\sline\s(\d+),\sin\s(.*)", r"\s*raise\s(.*)\(\'(.*)\'\)")


def matched(log: str) -> list[str]:
    """The files that setup-python's matcher annotates; stop-commands does not stop it."""
    lines = log.split("::remove-matcher owner=python::")[0].splitlines()
    found = []
    for line, after in itertools.pairwise(lines):
        first, second = re.fullmatch(_MATCHER[0], line), re.fullmatch(_MATCHER[1], after)
        if first and second:
            found.append(first[1])
    return found


@dataclass(frozen=True)
class Told:
    """What the reporter tells: its log, its table's row, and its annotation (points, maximum)."""

    log: str
    table: tuple[float, float]
    annotation: tuple[float, float] | None
    failed: bool


def reporter(runner: str, environment: dict[str, str]) -> Told:
    """The grading reporter for one runner; raises where it would crash."""
    encoded = environment[f"{runner.upper()}_RESULTS"]
    results: dict[str, Any] = json.loads(base64.b64decode(encoded))
    lines = [f"Processing: {runner}"]
    passed = 0
    for test in results["tests"]:
        line = f" - line {test['line_no']}" if test["line_no"] != 0 else ""
        if test["status"] == "pass":
            passed += 1
            lines.append(f"ok {test['name']}{line}")
        elif test["status"] == "error":
            lines.append(f"Error: {test['message']}\n")
        else:
            lines.append(f"fail {test['name']}{line}")
        if test["test_code"]:
            lines.append(f"Test code:\n{test['test_code']}\n")
    maximum = results["max_score"]
    table = (passed / len(results["tests"]) * maximum, maximum)
    annotation = None
    if maximum:
        total = 0.0
        for test in results["tests"]:
            total += test["score"]
        annotation = (total, maximum)
    return Told("\n".join(lines), table, annotation, results["status"] in ("fail", "error"))
