"""A report as text for a terminal: what was graded, the points, each lost point and why.

It gives back a string and prints nothing. Text of a submission is escaped again here, whoever
built the report: nothing in it can move the cursor or change a colour.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from grader.render.blocks import (
    heading,
    headline,
    is_unfinished,
    lost_points,
    message,
    place_text,
    points_text,
    row,
    score_text,
)
from grader.render.look import Look, cells, cut, pad, page, wrap
from grader.render.outcome import problem_block, unfinished_block
from grader.report.model import ProblemResult, Report, Status, TestResult

BAR, SHORT_BAR = 16, 6  # cells; the bar is shortened before a title is cut
LEVELS = {
    0: ("none: in the grader's own process", "red"),
    1: ("a separate process only", "yellow"),
    2: ("Landlock and seccomp", "green"),
    3: ("namespaces, Landlock and seccomp", "green"),
}


def render_report(report: Report, *, color: bool, width: int, encoding: str | None = None) -> str:
    """The report in lines of at most `width` columns (kept within 40 and 100), no final newline.

    `color` writes ANSI sequences. Where `encoding` (that of stdout by default) cannot carry the
    fine glyphs, ASCII ones are used and other characters it lacks are written as escapes.
    """
    look = page(color=color, width=width, encoding=encoding)
    parts = [_header(report, look), _table(report, look)]
    parts += [problem_block(problem, look) for problem in report.problems]
    parts += [unfinished_block(report.problems, look), _not_run(report, look), _total(report, look)]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _header(report: Report, look: Look) -> list[str]:
    name = look.clean(report.assignment, 40)
    lines = wrap(look.clean(report.title, 200), look.width - cells(name) - 3)
    out = [f" {look.paint(name, 'bold', 'cyan')}  {look.paint(lines[0], 'bold')}"]
    out += [" " * (cells(name) + 3) + look.paint(line, "bold") for line in lines[1:]]
    level = report.isolation.get("level")
    isolation, color = "unknown", "red"
    if type(level) is int and level in LEVELS:
        words, color = LEVELS[level]
        isolation = f"level {level}: {words}"
    facts = [look.clean(report.device, 20), f"seed {report.seed}", f"{report.duration_s:.1f} s"]
    out += row("graded", look.clean(report.file or report.submission, 200), look, indent=" ")
    out += row("isolation", isolation, look, color, indent=" ")
    out += row("run", f" {look.glyphs.dot} ".join(facts), look, indent=" ")
    for note in report.notes:
        out += row("note", look.clean(note), look, "yellow", indent=" ")
    return out


def _table(report: Report, look: Look) -> list[str]:
    if not report.problems:
        return []
    ids = [look.clean(problem.id, 12) for problem in report.problems]
    scores = [score_text(p.score, p.max_score, p.tests) if p.tests else "" for p in report.problems]
    others = [_others_text(report, problem) for problem in report.problems]
    id_width, score_width = max(map(cells, ids)), max(map(cells, scores))
    others_width = max(map(cells, others))
    right = score_width + (others_width + 2 if others_width else 0)
    titles = [look.clean(problem.title, 200) for problem in report.problems]
    room = look.width - id_width - right - 5
    bar_width = _bar_width(room - 2 - max(map(cells, titles))) if look.width >= 60 else 0
    title_width = room - (bar_width + 2 if bar_width else 0)
    out = [look.paint(look.glyphs.rule * look.width, "dim")]
    rows = zip(report.problems, ids, titles, scores, others, strict=True)
    for problem, name, whole, score, other in rows:
        title = cut(whole, title_width, look.glyphs.ellipsis)
        bar = ""
        if bar_width:
            bar = _bar(problem.score, problem.max_score, problem.elsewhere, bar_width, look) + "  "
        shown = look.paint(pad(score, score_width, right=True), _score_color(problem))
        if others_width:
            shown += "  " + look.paint(pad(other, others_width), "dim")
        line = f" {look.paint(pad(name, id_width), 'dim')}  {pad(title, title_width)}  {bar}{shown}"
        out.append(line.rstrip())
    out.append(look.paint(look.glyphs.rule * look.width, "dim"))
    return out


def _bar_width(room: int) -> int:
    """The cells of the bar where the longest title leaves it `room`."""
    return min(max(room, SHORT_BAR), BAR)


def _others_text(report: Report, problem: ProblemResult) -> str:
    """ "+9 hidden": the points of the problem's tests that did not run."""
    if not problem.elsewhere:
        return ""
    return f"+{points_text(problem.elsewhere)} {_other_kind(report)}"


def _other_kind(report: Report) -> str:
    """Which tests the points elsewhere are in."""
    return "public" if any(test.visibility == "hidden" for test in report.tests) else "hidden"


def _score_color(problem: ProblemResult) -> str:
    if not problem.tests:
        return "dim"
    if problem.score == problem.max_score:
        return "green"
    return "yellow" if problem.score else "red"


def _bar(score: Decimal, max_score: Decimal, others: Decimal, width: int, look: Look) -> str:
    """A bar that is full for all points only, and empty for none only; `others` are unknown."""
    unknown = 0
    if others > 0:
        unknown = max(round(width * others / (max_score + others)), 1)
        unknown = min(unknown, width - 2) if max_score else width
    width -= unknown
    full = 0
    if max_score > 0:
        full = round(width * score / max_score)
        full = min(full, width - 1) if score < max_score else width
        full = max(full, 1) if score > 0 else 0
    color = "green" if full == width else "yellow"
    rest = look.glyphs.empty * (width - full) + look.glyphs.unknown * unknown
    return look.paint(look.glyphs.full * full, color) + look.paint(rest, "dim")


def _not_run(report: Report, look: Look) -> list[str]:
    """The tests that did not run, together: mostly they share one reason."""
    reasons: dict[str, list[TestResult]] = {}
    for test in report.tests:
        if test.status is Status.NOT_RUN:
            reason = test.feedback.message if test.feedback else "not run"
            reasons.setdefault(reason, []).append(test)
    out: list[str] = heading("Not run", look) if reasons else []
    for reason, tests in reasons.items():
        problems = ", ".join(dict.fromkeys(look.clean(test.problem, 12) for test in tests))
        noun = "test" if len(tests) == 1 else "tests"
        count = f"{len(tests)} {noun} of {problems}"
        score = f"0 / {points_text(sum((test.max_score for test in tests), Decimal(0)))}"
        out += ["", *headline(look.glyphs.not_run, count, score, "yellow", look)]
        out += message(look.clean(reason), look)
    return out


def _total(report: Report, look: Look) -> list[str]:
    out = []
    if any(map(lost_points, report.tests)):  # else the table's own rule is right above
        out.append(look.paint(look.glyphs.rule * look.width, "dim"))
    passed = sum(not lost_points(test) for test in report.tests)
    tests = f"{passed} of {len(report.tests)} tests with all points"
    if report.score is None:
        out.append(f" {look.paint('No total', 'bold', 'yellow')}  {tests}")
    elif report.tests:
        score = f"{points_text(report.score)} / {points_text(report.max_score)}"
        color = "green" if report.score == report.max_score else "yellow"
        bar = _bar(report.score, report.max_score, report.elsewhere, BAR, look)
        head = f" {look.paint('Total', 'bold')}  {look.paint(score, 'bold', color)}  {bar}"
        fits = len(f" Total  {score}  {tests}  ") + BAR <= look.width
        out += [f"{head}  {look.paint(tests, 'dim')}"] if fits else [head, f" {tests}"]
    lead = f" {look.glyphs.arrow} "
    for line in _closing(report, look):
        wrapped = wrap(line, look.width - cells(lead))
        out.append(lead + wrapped[0])
        out += [" " * cells(lead) + rest for rest in wrapped[1:]]
    return out


def _closing(report: Report, look: Look) -> Iterator[str]:
    """What next, in a line; and the points that this run cannot tell."""
    others, kind = points_text(report.elsewhere), _other_kind(report)
    lost = [(p, test) for p in report.problems for test in p.tests if lost_points(test)]
    if report.elsewhere and (lost or not report.tests):
        noun = "point is" if others == "1" else "points are"
        more = "more " if report.tests else ""
        yield f"{others} {more}{noun} in {kind} tests, which were not run."
    if report.errors:
        count = len(report.errors)
        noun = "test" if count == 1 else "tests"
        yield (
            f"{count} {noun} could not be judged. That is the grader's or the course's fault, "
            "not the submission's: tell your instructor."
        )
    elif lost:
        yield _next(report, lost, look)
    elif not report.elsewhere:
        yield "Nothing is left to mend."
    elif report.tests:
        ran = "public" if kind == "hidden" else "hidden"
        noun = "point is" if others == "1" else "points are"
        advice = ": check other shapes and edge cases against the handout" * (kind == "hidden")
        yield f"All {ran} tests pass; {others} more {noun} in {kind} tests{advice}."


def _next(report: Report, lost: list[tuple[ProblemResult, TestResult]], look: Look) -> str:
    """Where to go on: what is wrong before what is unfinished, in the homework's order."""
    begun = [p for p in lost if p[1].status is not Status.NOT_RUN and not is_unfinished(p[1])]
    problem, test = (begun or lost)[0]
    if all(t.status is Status.NOT_RUN and t.feedback is None for t in report.tests):
        return "Next: hand in a file that opens; the note says why this could not be read."
    waiting = sum(t.status is Status.NOT_RUN for t in report.tests)
    if waiting and test.feedback and test.feedback.exception and test.feedback.place:
        where = place_text(test.feedback.place, look)
        waits = "1 test waits" if waiting == 1 else f"{waiting} tests wait"
        return f"Next: make the file load (see {where}); {waits} for it."
    title, points = test.title or test.id, test.max_score - test.score
    if is_unfinished(test):
        title = problem.title
        points = sum((t.max_score for t in problem.tests if is_unfinished(t)), Decimal(0))
    noun = "point" if points == 1 else "points"
    title = look.clean(title, 300).rstrip(".")
    return f"Next: problem {look.clean(problem.id, 12)}, {title} ({points_text(points)} {noun})."
