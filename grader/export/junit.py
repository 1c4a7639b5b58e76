"""JUnit XML as pytest's xunit2 writes it; points stand in the properties of each test.

A test that lost points is a `failure`, one that did not run too: readers take what is skipped for
no loss. One that could not be judged is an `error`.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from grader.export import words
from grader.export.model import Context
from grader.report.model import Report, Status, TestResult

# what XML 1.0 cannot hold, escaped or not
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def emit(report: Report, context: Context) -> str:
    """One suite for the homework, one case for each test."""
    tests = report.tests
    errors = sum(test.status is Status.ERROR for test in tests)
    lost = sum(words.lost_points(test) for test in tests)
    root = ElementTree.Element("testsuites", name="grader")
    suite = _child(
        root,
        "testsuite",
        name=report.assignment,
        errors=str(errors),
        failures=str(lost - errors),
        skipped="0",
        tests=str(len(tests)),
        time=f"{report.duration_s:.3f}",
        timestamp=report.started_at.removesuffix("Z"),
        hostname="localhost",
    )
    total = "withheld" if report.score is None else words.points_text(report.score)
    maximum = words.points_text(report.max_score)
    _properties(suite, {"points": total, "max_points": maximum})
    for test in tests:
        _case(suite, report.assignment, test)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _case(suite: ElementTree.Element, homework: str, test: TestResult) -> None:
    case = _child(
        suite,
        "testcase",
        classname=f"{homework}.{test.problem}",
        name=test.id,
        time=f"{test.duration_s:.3f}",
    )
    points = {
        "points": words.points_text(test.score),
        "max_points": words.points_text(test.max_score),
    }
    _properties(case, {**points, "title": words.title_of(test), "visibility": test.visibility})
    if words.lost_points(test):
        kind = "error" if test.status is Status.ERROR else "failure"
        found = _child(case, kind, message=words.summary_line(test), type=test.status.value)
        found.text = _legal(words.feedback_text(test, output=0))
    printed = words.printed_text(test)
    if printed:
        _child(case, "system-out").text = _legal(printed)


def _properties(parent: ElementTree.Element, values: dict[str, str]) -> None:
    properties = _child(parent, "properties")
    for name, value in values.items():
        _child(properties, "property", name=name, value=value)


def _child(parent: ElementTree.Element, tag: str, **attributes: str) -> ElementTree.Element:
    legal = {name: _legal(value) for name, value in attributes.items()}
    return ElementTree.SubElement(parent, tag, legal)


def _legal(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
