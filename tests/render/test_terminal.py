"""The terminal report: what it says, how wide it is, and that a submission cannot write to it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.render.look import cells, wrap
from grader.render.terminal import points_text, render_report
from grader.report.model import (
    UNANSWERED,
    Feedback,
    Place,
    ProblemResult,
    Report,
    Status,
    TestResult,
)

SGR = re.compile(r"\x1b\[[0-9;]*m")
WRONG = Feedback(
    message="softmax(z) is not right",
    called="softmax(an array of shape (5, 3), float64)",
    expected="an array of shape (5, 3), float",
    got="7 of 15 elements wrong, worst at [2, 1]: got 0.7311",
    mistake="the sign is flipped",
    hint="Subtract the row's maximum θ.",
)
RAISED = Feedback(
    message="your code raised ValueError",
    exception="ValueError: shapes differ",
    place=Place(file="hw1.ipynb", line=7, cell=4, source="    return x @ W  # (N, C)"),
)
UNWRITTEN = Feedback(
    message="not written yet", exception="NotImplementedError: x", place=Place(file="a.py", line=3)
)


def result(number: int, status: Status = Status.PASSED, **fields: Any) -> TestResult:
    score = Decimal(4) if status is Status.PASSED else Decimal(0)
    given: dict[str, Any] = {"title": f"Title {number}.", "problem": "1.1", "score": score}
    given["visibility"] = "public"
    return TestResult(
        id=f"test_{number}",
        max_score=Decimal(4),
        status=status,
        **(given | fields),
    )


def report(*tests: TestResult, **fields: Any) -> Report:
    given: dict[str, Any] = {
        "assignment": "hw1",
        "title": "Neurons",
        "submission": "ada/hw1.py",
        "problems": (ProblemResult(id="1.1", title="Softmax", tests=tests),),
        "isolation": {"level": 3, "canaries": {}},
        "seed": 5,
        "device": "cpu",
        "hashes": {},
        "versions": {},
    }
    return Report(**(given | fields))


def plain(of: Report, width: int = 80, encoding: str = "utf-8") -> str:
    return render_report(of, color=False, width=width, encoding=encoding)


def test_a_full_report_reads_like_this() -> None:
    text = plain(
        report(
            result(1),
            result(2, Status.FAILED, feedback=WRONG, output="z =\t3\n\x1b[2Jgone\n"),
            result(3, Status.FAILED, feedback=RAISED),
            result(4, score=Decimal("2.5"), feedback=Feedback(message="0.7, where 0.9 earns all")),
            result(5, Status.FAILED, feedback=UNWRITTEN),
            result(6, Status.FAILED, feedback=UNWRITTEN),
            result(7, Status.TIMEOUT, feedback=Feedback(message="stopped after 10 s")),
            result(8, Status.NOT_RUN),
        ),
        width=64,
    )
    assert text == (
        """\
 hw1  Neurons
 graded    ada/hw1.py
 isolation level 3: namespaces, Landlock and seccomp
 run       cpu · seed 5 · 0.0 s

────────────────────────────────────────────────────────────────
 1.1  Softmax                         ━━━╌╌╌╌╌╌╌╌╌╌╌╌╌  6.5 / 32
────────────────────────────────────────────────────────────────

── 1.1  Softmax ────────────────────────────────────────────────

  ✗ Title 2.                                               0 / 4
    softmax(z) is not right
    called    softmax(an array of shape (5, 3), float64)
    expected  an array of shape (5, 3), float
    got       7 of 15 elements wrong, worst at [2, 1]: got
              0.7311
    mistake   the sign is flipped
    hint      Subtract the row's maximum θ.
    printed   │ z =    3
              │ \\x1b[2Jgone

  ✗ Title 3.                                               0 / 4
    raised    ValueError: shapes differ
    at        hw1.ipynb, code cell 4, line 7
              │ return x @ W  # (N, C)

  ◐ Title 4.                                             2.5 / 4
    0.7, where 0.9 earns all

  ◷ Title 7.                                               0 / 4
    stopped after 10 s

── Not written yet ─────────────────────────────────────────────

  ○ 1.1  Softmax                                   line 3  0 / 8

── Not run ─────────────────────────────────────────────────────

  ○ 1 test of 1.1                                          0 / 4
    not run

────────────────────────────────────────────────────────────────
 Total  6.5 / 32  ━━━╌╌╌╌╌╌╌╌╌╌╌╌╌  1 of 8 tests with all points
 → Next: problem 1.1, Title 2 (4 points)."""
    )


def test_ascii_where_the_encoding_has_no_more() -> None:
    text = plain(report(result(1, Status.FAILED, feedback=WRONG), title="Café ☃"), 80, "ascii")
    assert text.isascii()
    assert "Cafe \\u2603" in text
    assert "the row's maximum theta." in text
    assert "x Title 1." in text
    assert "θ" in plain(report(result(1, Status.FAILED, feedback=WRONG)), 80, "utf-8")
    assert "é" in plain(report(title="Café"), 80, "latin-1")


def test_colour_changes_nothing_but_colour() -> None:
    some = report(result(1), result(2, Status.FAILED, feedback=WRONG, output="x"))
    coloured = render_report(some, color=True, width=80, encoding="utf-8")
    assert SGR.sub("", coloured) == plain(some)
    assert "\x1b[1;33mthe sign is flipped\x1b[0m" in coloured


def test_all_points() -> None:
    text = plain(report(result(1), result(2)))
    assert "Total  8 / 8  ━━━━━━━━━━━━━━━━  2 of 2 tests with all points" in text
    assert text.endswith("→ Nothing is left to mend.")


def test_an_error_of_ours_withholds_the_total() -> None:
    broken = Feedback(message="the test's own code failed: KeyError")
    text = plain(report(result(1), result(2, Status.ERROR, feedback=broken)))
    assert "? / 8" in text
    assert "No total" in text
    assert "Total  4" not in text
    assert "tell your instructor" in text


def test_points_elsewhere_are_mentioned() -> None:
    text = plain(report(result(1), elsewhere=Decimal("62.50")))
    assert "62.5 more points are in hidden tests" in text
    one = plain(report(result(1), elsewhere=Decimal("1.00")))
    assert "1 more point is in hidden tests" in one


def test_tests_that_did_not_run_are_told_together() -> None:
    reason = Feedback(message="not run, since your file could not be loaded")
    tests = [result(i, Status.NOT_RUN, feedback=reason) for i in range(30)]
    text = plain(report(result(40, Status.FAILED, feedback=RAISED), *tests))
    assert "30 tests of 1.1" in text
    assert "0 / 120" in text
    assert text.count("could not be loaded") == 1
    assert "Next: make the file load (see hw1.ipynb, code cell 4, line 7); 30 tests wait" in text
    text = plain(report(result(40, Status.FAILED, feedback=RAISED), tests[0]))
    assert "line 7); 1 test waits for it." in " ".join(text.split())


def test_what_is_wrong_comes_before_what_is_unfinished() -> None:
    text = plain(
        report(
            result(1, Status.NOT_RUN),
            result(2, Status.FAILED, feedback=UNWRITTEN),
            result(3, Status.FAILED, feedback=WRONG),
        )
    )
    assert "Next: problem 1.1, Title 3 (4 points)." in text


@pytest.mark.parametrize("isolation", [{}, {"level": "3"}, {"level": True}, {"level": 9}])
def test_an_unknown_isolation_is_not_praised(isolation: dict[str, Any]) -> None:
    assert "isolation unknown" in plain(report(isolation=isolation))


def test_long_output_is_cut() -> None:
    output = "\n".join(["x" * 10_000, *map(str, range(999))])
    text = plain(report(result(1, Status.FAILED, feedback=WRONG, output=output)))
    assert "988 more lines" in text
    assert len(text) < 4000


TEXT = st.text(max_size=120) | st.text("\x1b[2J\r\n\t\u202e\u200b漢字é\u0301 ab", max_size=120)


@given(TEXT, TEXT, st.integers(1, 200), st.sampled_from(["utf-8", "ascii", "latin-1"]))
@settings(max_examples=60, deadline=None)
def test_nothing_from_a_submission_reaches_the_terminal(
    one: str, other: str, width: int, encoding: str
) -> None:
    place = Place(file=one, line=3, cell=2, source=other)
    hostile = Feedback(
        message=one, called=other, expected=one, got=other, mistake=one, hint=other, place=place
    )
    tests = (
        result(1, Status.FAILED, feedback=hostile, output=one + "\n" + other, title=other),
        result(2, Status.CRASHED, feedback=Feedback(message=other, exception=one, place=place)),
    )
    some = report(*tests, submission=one, title=other, notes=(one, other))
    text = plain(some, width, encoding)
    text.encode(encoding)
    unsafe = {c for c in text.replace("\n", "") if unicodedata.category(c)[0] == "C"}
    assert not unsafe
    assert max(map(cells, text.split("\n"))) <= min(max(width, 40), 100)
    coloured = render_report(some, color=True, width=width, encoding=encoding)
    assert SGR.sub("", coloured) == text


@given(TEXT, st.integers(2, 40))
@settings(max_examples=60, deadline=None)
def test_wrapping_keeps_all_words_within_the_width(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert lines
    assert max(map(cells, lines)) <= width
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_points_have_no_needless_zeros() -> None:
    for number, shown in [
        ("4", "4"),
        ("2.50", "2.5"),
        ("0.00", "0"),
        ("100", "100"),
        ("1E+2", "100"),
    ]:
        assert points_text(Decimal(number)) == shown


def problem(name: str, *tests: TestResult, elsewhere: int = 0) -> ProblemResult:
    return ProblemResult(id=name, title=f"Part {name}", tests=tests, elsewhere=Decimal(elsewhere))


def with_others(*problems: ProblemResult) -> str:
    others = sum((p.elsewhere for p in problems), Decimal(0))
    return plain(report(problems=problems, elsewhere=others), width=64)


def test_points_of_hidden_tests_are_told_for_each_problem() -> None:
    text = with_others(
        problem("1.1", result(1), elsewhere=9),
        problem("1.2", result(2, Status.FAILED, feedback=WRONG), elsewhere=12),
        problem("1.3", elsewhere=6),
    )
    lines = [line for line in text.split("\n") if line.startswith(" 1.")]
    assert [line.split("  ")[-1].strip() for line in lines] == [
        "+9 hidden",
        "+12 hidden",
        "+6 hidden",
    ]
    assert "0 / 0" not in text
    assert "27 more points are in hidden tests, which were not run." in text


def test_nothing_is_left_only_where_nothing_is_elsewhere() -> None:
    text = with_others(problem("1.1", result(1), elsewhere=9), problem("1.2", elsewhere=1))
    assert "Nothing is left to mend" not in text
    assert "All public tests pass; 10 more points are in hidden tests" in text


def test_a_problem_whose_points_are_all_hidden_says_so() -> None:
    text = with_others(problem("1.7", elsewhere=1))
    assert text.endswith("1 point is in hidden tests, which were not run.")
    assert "Total" not in text


def test_where_hidden_tests_ran_the_others_are_public() -> None:
    text = with_others(problem("1.1", result(1, visibility="hidden"), elsewhere=3))
    assert "+3 public" in text
    assert "All hidden tests pass; 3 more points are in public tests." in text


def test_a_starter_as_handed_out_is_told_in_a_line_for_each_problem() -> None:
    unanswered = Feedback(message=UNANSWERED)
    text = plain(
        report(
            problems=(
                problem("1.1", *(result(i, Status.FAILED, feedback=UNWRITTEN) for i in (1, 2))),
                problem("1.2", result(3, Status.FAILED, feedback=UNWRITTEN)),
                problem("1.3", result(4, Status.FAILED, feedback=unanswered)),
            )
        ),
        width=64,
    )
    assert (
        """\
── Not written yet ─────────────────────────────────────────────

  ○ 1.1  Part 1.1                                  line 3  0 / 8
  ○ 1.2  Part 1.2                                  line 3  0 / 4
  ○ 1.3  Part 1.3                              no answers  0 / 4
"""
        in text
    ), text
    assert "Next: problem 1.1, Part 1.1 (8 points)." in text


def test_the_bar_is_shortened_before_a_title_or_a_line_is_cut() -> None:
    title = "Mini-batch stochastic gradient descent with momentum"
    place = Place(file="hw1.ipynb", line=3, cell=5)
    test = result(1, Status.FAILED, feedback=Feedback(message="x", place=place))
    unfinished = replace(UNWRITTEN, place=place)
    tests = (test, result(2, Status.FAILED, feedback=unfinished))
    text = plain(report(problems=(ProblemResult(id="1.1", title=title, tests=tests),)))
    assert f" 1.1  {title}  ╌╌╌╌╌╌╌╌╌╌╌╌╌  0 / 8" in text
    assert "code cell 5, line 3  0 / 4" in text


def test_the_file_graded_is_shown() -> None:
    assert "graded    ada.zip: hw1.py" in plain(report(file="ada.zip: hw1.py"))


def test_after_a_file_that_cannot_be_read_comes_one_that_opens() -> None:
    unread = report(
        result(1, Status.NOT_RUN), result(2, Status.NOT_RUN), notes=("'a.py' is UTF-16.",)
    )
    assert "Next: hand in a file that opens" in plain(unread)
    assert "Next: problem" not in plain(unread)
