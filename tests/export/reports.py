"""Reports made by hand: one with every status, one that is hostile in every text, and more."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from grader.report.model import Feedback, Place, ProblemResult, Report, Status, TestResult

# what a submission might put where its text is shown
HOSTILE = (
    "::error file=x::taken over\n::set-output name=a::b\r##[error]taken over]]>&<script>alert(1)"
    "</script>|x|\n# heading\n@everyone [link](http://x.example) ![i](http://x.example/i.png) %0A "
    "\x1b[31m\x00\ufffe\u202e`code` <!-- $math$"
)


def a_test(name: str, problem: str = "1", **values: Any) -> TestResult:
    fields: dict[str, Any] = {
        "id": name,
        "problem": problem,
        "title": f"{name} holds.",
        "visibility": "public",
        "max_score": Decimal(2),
        "duration_s": 0.0125,
    }
    return TestResult(**{**fields, **values})


def passed(name: str, **values: Any) -> TestResult:
    maximum = values.get("max_score", Decimal(2))
    return a_test(name, status=Status.PASSED, **{"score": maximum, **values})


def failed(name: str, status: Status = Status.FAILED, **values: Any) -> TestResult:
    feedback = values.pop("feedback", Feedback(message="f(x) is not right", expected="4", got="2"))
    return a_test(name, status=status, feedback=feedback, **values)


def a_report(*problems: tuple[TestResult, ...], **values: Any) -> Report:
    grouped = tuple(
        ProblemResult(id=str(i), title=f"Problem number {i}", tests=tests)
        for i, tests in enumerate(problems, start=1)
    )
    fields: dict[str, Any] = {
        "assignment": "hw3",
        "title": "Backpropagation",
        "submission": "hw3",
        "problems": grouped,
        "isolation": {"level": 3, "canaries": []},
        "seed": 7,
        "device": "cpu",
        "hashes": {"submission": "aa", "suite": "bb", "environment": "cc"},
        "versions": {"grader": "0.1.0", "python": "3.12.1"},
        "started_at": "2026-10-02T21:59:00Z",
        "duration_s": 1.25,
    }
    return Report(**{**fields, **values})


ALL_PASSED = a_report((passed("test_a"), passed("test_b", max_score=Decimal("0.5"))))

MIXED = a_report(
    (
        passed("test_a"),
        passed("test_half", score=Decimal("0.75"), max_score=Decimal("1.5")),
        failed(
            "test_raises",
            feedback=Feedback(
                message="your code raised ValueError",
                called="softmax(z)",
                exception="ValueError: shapes",
                place=Place(file="hw3.py", line=12, source="return x @ w"),
            ),
        ),
    ),
    (
        failed("test_wrong", problem="2", feedback=Feedback(message="f", called="f(x, y=2)")),
        failed("test_slow", Status.TIMEOUT, problem="2", output="line 1\nline 2\n"),
        failed("test_dies", Status.CRASHED, problem="2", visibility="hidden"),
        a_test("test_waits", problem="2", feedback=Feedback(message="the file does not load")),
    ),
    notes=("cell 3 was left out",),
    elsewhere=Decimal(30),
)

WITHHELD = a_report(
    (passed("test_a"), failed("test_b"), a_test("test_ours", status=Status.ERROR)),
)

UNREADABLE = a_report((a_test("test_a"), a_test("test_b")), notes=("hw3.py holds no code.",))

HOSTILE_REPORT = a_report(
    (
        failed(
            "test_hostile",
            title=HOSTILE,
            feedback=Feedback(
                message=HOSTILE,
                called=HOSTILE,
                expected=HOSTILE,
                got=HOSTILE,
                mistake=HOSTILE,
                exception=HOSTILE,
                place=Place(file=HOSTILE, line=3, source=HOSTILE),
                hint=HOSTILE,
            ),
            output=HOSTILE,
        ),
    ),
    submission=HOSTILE,
    notes=(HOSTILE,),
)

# 250 tests whose every text is as long as it can be, of letters that JSON writes as 12 bytes
_LONG = "\U0001f9e0" * 2_000
VAST = a_report(
    tuple(
        failed(
            f"test_{i}",
            title=_LONG,
            feedback=Feedback(
                message=_LONG,
                called=_LONG,
                expected=_LONG,
                got=_LONG,
                mistake=_LONG,
                exception=_LONG,
                place=Place(file=_LONG, line=3, source=_LONG),
                hint=_LONG,
            ),
            output=_LONG,
        )
        for i in range(250)
    )
)

REPORTS = {
    "all-passed": ALL_PASSED,
    "mixed": MIXED,
    "withheld": WITHHELD,
    "unreadable": UNREADABLE,
    "hostile": HOSTILE_REPORT,
}
