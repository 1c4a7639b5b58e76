"""The tests in the files and those in the manifest are the same: what is not listed never runs."""

from __future__ import annotations

from grader.audit.desk import Desk
from grader.audit.model import CheckResult, Finding, result
from grader.course.unlisted import unlisted_tests

CLAIM = "each test in the files is in the manifest"


def check_manifest(desk: Desk) -> CheckResult:
    """The other way round, a listed test without a file, keeps the whole suite from running."""
    found = unlisted_tests(desk.assignment)
    findings = [Finding(subject=one.place, message=f"{one.name} {one.why}") for one in found]
    unlisted = {one.name for one in found} - {test.name for test in desk.assignment.tests}
    return result("manifest", CLAIM, len(desk.assignment.tests) + len(unlisted), findings)
