"""A test's result in plain words, and numbers as readers take them; shared by the emitters.

Text comes out safe (one line, or lines where said), not yet escaped for any markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from grader.export.model import NotGraded
from grader.report.model import Feedback, Place, Report, Status, TestResult
from grader.text import safe_text

LINE = 600  # characters of one line of feedback
OUTPUT = 8_000  # characters of a test's printed output
TITLE = 300  # characters of a test's title

NOT_GRADED = (
    "Not graded: some tests could not be judged. That is the grader's or the course's fault, not "
    "the submission's. Tell your instructor; no score was given."
)


def points_text(points: Decimal) -> str:
    """ "4", "2.5", "33.33": without needless zeros."""
    text = f"{points:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def number(points: Decimal) -> int | float:
    """A JSON number; points have at most two decimals."""
    return int(points) if points == points.to_integral_value() else float(points)


def title_of(test: TestResult, limit: int = TITLE) -> str:
    """The test's title on one line, never empty."""
    return safe_text(test.title.strip() or test.id, limit)


def lost_points(test: TestResult) -> bool:
    """Whether the test has less than all of its points."""
    return test.status is not Status.PASSED or test.score < test.max_score


def place_text(place: Place) -> str:
    """ "hw3.py, line 12" or "hw3.ipynb, code cell 4, line 2"."""
    cell = "" if place.cell is None else f", code cell {place.cell}"
    return f"{safe_text(place.file, 100)}{cell}, line {place.line}"


def feedback_rows(feedback: Feedback) -> list[tuple[str, str]]:
    """Labels and one-line texts, in the order in which they are read; "" labels the message."""
    rows = [
        ("", feedback.message),
        ("called", feedback.called),
        ("expected", feedback.expected),
        ("got", feedback.got),
        ("raised", feedback.exception),
        ("at", place_text(feedback.place) if feedback.place else None),
        ("mistake", feedback.mistake),
        ("hint", feedback.hint),
    ]
    return [(label, safe_text(text, LINE)) for label, text in rows if text]


@dataclass(frozen=True)
class Cut:
    """How much of each test is told where a reader's limit is near, in characters."""

    title: int = TITLE
    message: int = 20_000
    output: int = OUTPUT


# tried in turn, until the whole is small enough: what was printed goes first, titles last
CUTS = (
    Cut(),
    Cut(output=1_000),
    Cut(output=0),
    Cut(output=0, message=2_000),
    Cut(output=0, message=400),
    Cut(output=0, message=100),
    Cut(output=0, message=0),
    Cut(output=0, message=0, title=60),
    Cut(output=0, message=0, title=5),
)


def within(limit_bytes: int, text_of: Callable[[Cut], str]) -> str:
    """The text with the first of CUTS that keeps it within the limit, else with the last."""
    for cut in CUTS:
        text = text_of(cut)
        if len(text.encode()) <= limit_bytes:
            break
    return text


def feedback_text(test: TestResult, *, output: int = OUTPUT) -> str:
    """The feedback in lines, and at most `output` characters of what was printed."""
    rows = feedback_rows(test.feedback) if test.feedback else []
    lines = [f"{label}: {text}" if label else text for label, text in rows]
    printed = printed_text(test, output)
    if printed:
        lines += ["printed:", printed]
    return "\n".join(lines)


def printed_text(test: TestResult, limit: int = OUTPUT) -> str:
    """What the code printed in this test, cut, without blank lines at its ends."""
    return safe_text(test.output, limit, lines=True).strip("\n") if limit > 0 else ""


def summary_line(test: TestResult) -> str:
    """One line on why a test lost points; the status where there is no feedback."""
    if test.feedback is None:
        return {Status.NOT_RUN: "not run", Status.ERROR: "could not be judged"}.get(
            test.status, test.status.value
        )
    rows = dict(feedback_rows(test.feedback))
    parts = [rows.get("", "")]
    parts += [f"{name}: {rows[name]}" for name in ("raised", "expected", "got") if name in rows]
    parts += [rows["mistake"]] if "mistake" in rows else []
    return safe_text("; ".join(part for part in parts if part), LINE)


def require_total(report: Report, reader: str) -> Decimal:
    """The total, or NotGraded: the reader would take a file with no score for something else."""
    if report.score is None:
        raise NotGraded(
            f"Nothing was written for {reader}: {len(report.errors)} of the tests could not be "
            "judged, and a score would be a guess.",
            hint="The report (--json) names the tests; mend the course or the machine, run again.",
        )
    return report.score


def float_scores(scores: Iterable[Decimal], total: Decimal) -> list[float]:
    """Scores as floats whose sum, taken from left to right, is never above `total`.

    A reader that adds floats would else find 100.00000000000001 of 100.
    """
    import math

    values = [float(score) for score in scores]
    limit = float(total)
    while sum_left(values) > limit:
        largest = max(range(len(values)), key=values.__getitem__)
        values[largest] = math.nextafter(values[largest], 0.0)
    return values


def sum_left(values: Iterable[float]) -> float:
    """Plain addition from left to right, as other languages do it (Python's sum compensates)."""
    total = 0.0
    for value in values:
        total += value
    return total
