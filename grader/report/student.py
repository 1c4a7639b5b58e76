"""A report as its student may see it: without what hidden tests printed or tripped over."""

from __future__ import annotations

from dataclasses import replace

from grader.report.model import Feedback, Report, Status, TestResult

OUR_FAULT = "could not be judged: the fault of the test or the grader, not of your submission"


def for_student(report: Report) -> Report:
    """The same without printed output of hidden tests, and without the words of our own errors.

    A class is graded without --reveal, so the first is there only if something went wrong before;
    an error's words can hold the values that a hidden test works with.
    """
    return replace(
        report,
        problems=tuple(
            replace(problem, tests=tuple(_shown(test) for test in problem.tests))
            for problem in report.problems
        ),
    )


def _shown(test: TestResult) -> TestResult:
    if test.visibility == "hidden":
        test = replace(test, output="")
    if test.status is Status.ERROR:
        test = replace(test, feedback=Feedback(message=OUR_FAULT))
    return test
