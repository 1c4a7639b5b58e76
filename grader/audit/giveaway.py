"""What students have must not be enough: neither by its text, nor by learning it by heart."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from grader.audit.bench import Trial
from grader.audit.desk import LOOKUP_FILE, Desk, our_errors
from grader.audit.inside import with_code
from grader.audit.model import CheckResult, Finding, result
from grader.judge.plan import Plan
from grader.release.files import public_files, texts_of
from grader.release.secrets import find_leaks

CLAIM = "public tests and files do not give hidden ones away"
TELLING_DIGITS = 6  # significant ones: such a number is a result, not a size or a step
_NUMBER = re.compile(r"\d+\.\d+(?:[eE][+-]?\d+)?")


def check_giveaway(desk: Desk) -> CheckResult:
    """A solution that knows the answers to the public tests' calls, and no others, earns nothing
    hidden; no file that students get holds a solution, a key, or a number that only a hidden test
    should know."""
    hidden = [test.name for test in desk.assignment.tests if test.visibility == "hidden"]
    learned = [test.name for test in desk.assignment.tests if test.visibility == "public"]
    known = sorted({key for name in learned for key in desk.calls[name].keys})
    answering = Trial(
        name="answers learned from the public tests",
        source=with_code(desk.solution, LOOKUP_FILE, "answer_only", desk.exports, known),
        plan=Plan(seed=desk.seed),
    )
    graded = desk.grade("giveaway", [answering])[0]
    findings = our_errors(graded, answering.name)
    findings += [
        Finding(subject=name, message="its points are earned by the answers to the public tests")
        for name in hidden
        if graded.failure is None and graded.marks[name].gives_points
    ]
    replayed = sum(graded.marks[name].is_full for name in learned) if not graded.failure else 0
    texts = texts_of(public_files(desk.assignment))
    findings += [
        Finding(subject=f"{leak.file}:{leak.line}", message=f"gives away {leak.what}")
        for leak in find_leaks(desk.assignment, texts)
    ]
    findings += list(_telling_numbers(desk, texts))
    return result(
        "giveaway",
        CLAIM,
        len(hidden),
        findings,
        summary=f"{len(known)} calls learned",
        facts={
            "calls_learned": len(known),
            "public_tests_replayed": replayed,
            "public_tests": len(learned),
            "files": sorted(texts),
        },
    )


def _telling_numbers(desk: Desk, texts: dict[str, str]) -> Iterator[Finding]:
    """Numbers of many digits that a hidden test compares with and a public file shows."""
    public = {
        _digits(number): name for name, text in texts.items() for number in _NUMBER.findall(text)
    }
    for path in desk.assignment.test_files("hidden"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Constant) or type(node.value) is not float:
                continue
            digits = _digits(repr(node.value))
            if len(digits) >= TELLING_DIGITS and digits in public:
                yield Finding(
                    subject=f"{path.name}:{node.lineno}",
                    message=f"the number {node.value!r} is also in {public[digits]}",
                )


def _digits(number: str) -> str:
    """The significant digits of a number as it is written."""
    return number.lower().split("e")[0].replace(".", "").strip("0")
