"""What is shown of a test that lost points: the call, what came back, the student's own line."""

from __future__ import annotations

from grader.render.blocks import (
    INDENT,
    LABEL,
    heading,
    headline,
    headline_room,
    is_unfinished,
    lines_text,
    lost_points,
    message,
    place_text,
    points_text,
    row,
    score_text,
)
from grader.render.look import Look, cells, cut, pad
from grader.report.model import UNANSWERED, Feedback, Place, ProblemResult, Status, TestResult
from grader.text import safe_text

MAX_OUTPUT_LINES = 12
COLORS = {
    Status.NOT_RUN: "yellow",
    Status.PASSED: "green",
    Status.FAILED: "red",
    Status.TIMEOUT: "red",
    Status.CRASHED: "red",
    Status.ERROR: "yellow",
}


def problem_block(problem: ProblemResult, look: Look) -> list[str]:
    """A heading and a block for each test that ran and is wrong; nothing where none is."""
    wrong = [
        test
        for test in problem.tests
        if lost_points(test) and test.status is not Status.NOT_RUN and not is_unfinished(test)
    ]
    out = heading(_name(problem, look), look) if wrong else []
    for test in wrong:
        out += ["", *_test(test, look)]
    return out


def unfinished_block(problems: tuple[ProblemResult, ...], look: Look) -> list[str]:
    """A line for each problem with parts that are not written or answered yet."""
    lines = [_unfinished(problem, look) for problem in problems]
    found = [line for line in lines if line is not None]
    return [*heading("Not written yet", look), "", *found] if found else []


def _unfinished(problem: ProblemResult, look: Look) -> str | None:
    tests = [test for test in problem.tests if is_unfinished(test)]
    if not tests:
        return None
    score = f"0 / {points_text(sum((test.max_score for test in tests), start=tests[0].score))}"
    given = [test.feedback for test in tests if test.feedback is not None]
    places = [feedback.place for feedback in given if feedback.place is not None]
    where = lines_text(places) if places else ""
    if all(feedback.message == UNANSWERED for feedback in given):
        where = "no answers" if len(tests) == len(problem.tests) else "some answers"
    room = headline_room(look.glyphs.not_run, score, look)
    name = cut(_name(problem, look), max(room - cells(where) - 2, room // 2), look.glyphs.ellipsis)
    where = cut(where, room - cells(name) - 2, look.glyphs.ellipsis)
    gap = " " * (room - cells(name) - cells(where))
    glyph = look.paint(look.glyphs.not_run, "bold", "yellow")
    return f"{INDENT}{glyph} {name}{gap}{look.paint(where, 'dim')}  {look.paint(score, 'yellow')}"


def _name(problem: ProblemResult, look: Look) -> str:
    return f"{look.clean(problem.id, 12)}  {look.clean(problem.title, 200)}"


def _test(test: TestResult, look: Look) -> list[str]:
    partial = test.status is Status.PASSED
    glyph = look.glyphs.partial if partial else getattr(look.glyphs, test.status.value)
    color = "yellow" if partial else COLORS[test.status]
    score = score_text(test.score, test.max_score, (test,))
    out = headline(glyph, look.clean(test.title or test.id, 300), score, color, look)
    if test.feedback is not None:
        out += _feedback(test.feedback, look)
    if test.output.strip():
        out += _output(test.output, look)
    return out


def _feedback(feedback: Feedback, look: Look) -> list[str]:
    out = [] if feedback.exception else message(look.clean(feedback.message), look)
    rows: list[tuple[str, str | None, tuple[str, ...]]] = [
        ("called", feedback.called, ("cyan",)),
        ("expected", feedback.expected, ("green",)),
        ("got", feedback.got, ("red",)),
        ("raised", feedback.exception, ("red",)),
    ]
    for label, text, styles in rows:
        if text:
            out += row(label, look.clean(text), look, *styles)
    if feedback.place is not None:
        out += _place(feedback.place, look)
    if feedback.mistake:
        out += row("mistake", look.clean(feedback.mistake), look, "bold", "yellow")
    if feedback.hint:
        out += row("hint", look.clean(feedback.hint), look)
    return out


def _place(place: Place, look: Look) -> list[str]:
    """The student's own line: where it is, and its source."""
    out = row("at", place_text(place, look), look)
    if place.source:
        blank = " " * (len(INDENT) * 2 + LABEL)
        room = look.width - len(blank) - 2
        source = cut(look.clean(place.source.strip(), 200), room, look.glyphs.ellipsis)
        out.append(f"{blank}{look.paint(look.glyphs.gutter, 'dim')} {look.paint(source, 'cyan')}")
    return out


def _output(output: str, look: Look) -> list[str]:
    """What the code printed: its first lines, each cut to the page."""
    text = safe_text(output, 20_000, lines=True).replace("\t", "    ").strip("\n")
    text = look.encodable(text)
    lines = text.split("\n")
    room = look.width - len(INDENT) * 2 - LABEL - 2
    shown = [cut(line, room, look.glyphs.ellipsis) for line in lines[:MAX_OUTPUT_LINES]]
    gutter = look.paint(look.glyphs.gutter, "dim")
    labels = ["printed", *[""] * len(shown)]
    out = [
        f"{INDENT * 2}{look.paint(pad(label, LABEL), 'dim')}{gutter} {line}"
        for label, line in zip(labels, shown, strict=False)
    ]
    more = len(lines) - len(shown)
    if more:
        blank = " " * (len(INDENT) * 2 + LABEL)
        plural = "" if more == 1 else "s"
        words = f"{look.glyphs.ellipsis} {more} more line{plural}"
        out.append(f"{blank}{gutter} {look.paint(words, 'dim')}")
    return out
