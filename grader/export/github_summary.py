"""A job summary in Markdown, for $GITHUB_STEP_SUMMARY.

Every character of a text that could be markup is written as an entity: no text can make a link, a
mention, a picture, a heading or HTML. At most 1 MiB, which is GitHub's limit.
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.export import words
from grader.export.model import Context
from grader.report.model import ProblemResult, Report, Status, TestResult
from grader.text import safe_text

MAX_BYTES = 900_000
PRINTED = 2_000  # characters of a test's output
# ASCII punctuation is all that Markdown, GitHub's extensions to it and HTML are made of
_MARKUP = {ord(c): f"&#{ord(c)};" for c in "!\"#$&'()*+-./:;<=>@[\\]^_`{|}~"}
_MARKS = {
    Status.NOT_RUN: "not run",
    Status.PASSED: "passed",
    Status.FAILED: "failed",
    Status.TIMEOUT: "timed out",
    Status.CRASHED: "crashed",
    Status.ERROR: "not judged",
}


def emit(report: Report, context: Context) -> str:
    """The summary: total, table of the problems, and each test that lost points."""
    parts = [_head(report), _table(report)]
    size = sum(len(part.encode()) for part in parts)
    for part in _details(report):
        size += len(part.encode())
        if size > MAX_BYTES:
            parts.append("_More tests lost points; the report has them all._")
            break
        parts.append(part)
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(text: str) -> str:
    """One line of text that Markdown shows as it is."""
    return safe_text(text, words.LINE).translate(_MARKUP)


def _head(report: Report) -> str:
    lines = [f"## {escape(report.assignment)} {escape(report.title)}"]
    if report.score is None:
        lines.append(f"**No total.** {escape(words.NOT_GRADED)}")
    else:
        score = f"{words.points_text(report.score)} / {words.points_text(report.max_score)}"
        lines.append(f"**{score} points**")
    lines += [f"> {escape(note)}" for note in report.notes]
    if report.elsewhere:
        points = words.points_text(report.elsewhere)
        lines.append(f"{points} more points are in hidden tests, which do not run here.")
    return "\n\n".join(lines)


def _table(report: Report) -> str:
    rows = ["| Problem | Tests with all points | Points |", "| :-- | --: | --: |"]
    for problem in report.problems:
        full = sum(not words.lost_points(test) for test in problem.tests)
        name = f"{escape(problem.id)} {escape(problem.title)}"
        of_all = f"{full} of {len(problem.tests)}" if problem.tests else "none here"
        rows.append(f"| {name} | {of_all} | {_points(report, problem)} |")
    return "\n".join(rows)


def _points(report: Report, problem: ProblemResult) -> str:
    if not problem.tests:
        return f"{words.points_text(problem.elsewhere)} hidden"
    maximum = words.points_text(problem.max_score)
    if any(test.status is Status.ERROR for test in problem.tests):
        return f"withheld / {maximum}"
    return f"{words.points_text(problem.score)} / {maximum}"


def _details(report: Report) -> Iterator[str]:
    lost = [test for test in report.tests if words.lost_points(test)]
    told = [test for test in lost if test.status is not Status.NOT_RUN]
    if told:
        yield "### Where points are missing"
    for test in told:
        yield "\n".join(_test(test))
    waiting = [test for test in lost if test.status is Status.NOT_RUN]
    if waiting:
        yield "### Not run"
        yield "\n".join(f"- {escape(words.title_of(test))}" for test in waiting)


def _test(test: TestResult) -> Iterator[str]:
    points = f"{words.points_text(test.score)} / {words.points_text(test.max_score)}"
    yield f"**{escape(words.title_of(test))}** ({_MARKS[test.status]}, {points})"
    yield ""
    for label, text in words.feedback_rows(test.feedback) if test.feedback else []:
        shown = escape(text) if label in ("", "mistake", "hint", "at") else _code(text)
        yield f"- {label}: {shown}" if label else f"- {shown}"
    place = test.feedback.place if test.feedback else None
    if place is not None and place.source.strip():
        yield f"- line: {_code(place.source.strip())}"
    printed = words.printed_text(test, PRINTED)
    if printed:
        yield ""
        yield f"<pre>{printed.translate(_MARKUP)}</pre>"


def _code(text: str) -> str:
    return f"<code>{safe_text(text, words.LINE).translate(_MARKUP)}</code>"
