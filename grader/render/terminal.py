"""A report as text for a terminal: what was graded, the points, each lost point and why.

It gives back a string and prints nothing. Text of a submission is escaped again here, whoever
built the report: nothing in it can move the cursor or change a colour.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from grader.render.look import Look, cells, cut, pad, page, wrap
from grader.report.model import Feedback, Place, ProblemResult, Report, Status, TestResult
from grader.text import safe_text

BAR = 16  # cells
LABEL = 10  # cells: "expected" and two spaces
INDENT = "  "
MAX_OUTPUT_LINES = 12
UNWRITTEN = "not written yet"  # the judge's message for a part that is still a starter's

LEVELS = {
    0: ("none: in the grader's own process", "red"),
    1: ("a separate process only", "yellow"),
    2: ("Landlock and seccomp", "green"),
    3: ("namespaces, Landlock and seccomp", "green"),
}
COLORS = {
    Status.NOT_RUN: "yellow",
    Status.PASSED: "green",
    Status.FAILED: "red",
    Status.TIMEOUT: "red",
    Status.CRASHED: "red",
    Status.ERROR: "yellow",
}


def render_report(report: Report, *, color: bool, width: int, encoding: str | None = None) -> str:
    """The report in lines of at most `width` columns (kept within 40 and 100), no final newline.

    `color` writes ANSI sequences. Where `encoding` (that of stdout by default) cannot carry the
    fine glyphs, ASCII ones are used and other characters it lacks are written as escapes.
    """
    look = page(color=color, width=width, encoding=encoding)
    parts = [_header(report, look), _table(report, look)]
    parts += [_problem(problem, look) for problem in report.problems]
    parts += [_not_run(report, look), _total(report, look)]
    return "\n\n".join("\n".join(part) for part in parts if part)


def points_text(points: Decimal) -> str:
    """ "4", "2.5", "33.33": without needless zeros."""
    text = f"{points:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


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
    out += _row("graded", look.clean(report.submission, 200), look, indent=" ")
    out += _row("isolation", isolation, look, color, indent=" ")
    out += _row("run", f" {look.glyphs.dot} ".join(facts), look, indent=" ")
    for note in report.notes:
        out += _row("note", look.clean(note), look, "yellow", indent=" ")
    return out


def _table(report: Report, look: Look) -> list[str]:
    if not report.problems:
        return []
    ids = [look.clean(problem.id, 12) for problem in report.problems]
    scores = [_score_text(p.score, p.max_score, p.tests) for p in report.problems]
    id_width, score_width = max(map(cells, ids)), max(map(cells, scores))
    bar_width = BAR if look.width >= 60 else 0
    title_width = look.width - id_width - score_width - bar_width - (7 if bar_width else 5)
    out = [look.paint(look.glyphs.rule * look.width, "dim")]
    for problem, name, score in zip(report.problems, ids, scores, strict=True):
        title = cut(look.clean(problem.title, 200), title_width, look.glyphs.ellipsis)
        bar = f"{_bar(problem.score, problem.max_score, bar_width, look)}  " if bar_width else ""
        shown = look.paint(pad(score, score_width, right=True), _score_color(problem))
        out.append(
            f" {look.paint(pad(name, id_width), 'dim')}  {pad(title, title_width)}  {bar}{shown}"
        )
    out.append(look.paint(look.glyphs.rule * look.width, "dim"))
    return out


def _score_text(score: Decimal, max_score: Decimal, tests: tuple[TestResult, ...]) -> str:
    """ "4 / 6"; a question mark where an error of ours leaves the score open."""
    shown = "?" if any(t.status is Status.ERROR for t in tests) else points_text(score)
    return f"{shown} / {points_text(max_score)}"


def _score_color(problem: ProblemResult) -> str:
    if problem.score == problem.max_score:
        return "green"
    return "yellow" if problem.score else "red"


def _bar(score: Decimal, max_score: Decimal, width: int, look: Look) -> str:
    """A bar that is full for all points only, and empty for none only."""
    full = 0
    if max_score > 0:
        full = round(width * score / max_score)
        full = min(full, width - 1) if score < max_score else width
        full = max(full, 1) if score > 0 else 0
    color = "green" if full == width else "yellow"
    rest = look.paint(look.glyphs.empty * (width - full), "dim")
    return look.paint(look.glyphs.full * full, color) + rest


def _problem(problem: ProblemResult, look: Look) -> list[str]:
    """A heading and a block for each test that ran and lost points; nothing where none did."""
    lost = [test for test in problem.tests if _lost(test) and test.status is not Status.NOT_RUN]
    if not lost:
        return []
    name = f"{look.clean(problem.id, 12)}  {look.clean(problem.title, 200)}"
    out = _heading(name, look)
    for i, test in enumerate(lost):
        if i == 0 or not (_unwritten(lost[i - 1]) and _unwritten(test)):
            out.append("")
        out += _test(test, look)
    return out


def _heading(name: str, look: Look) -> list[str]:
    name = cut(name, look.width - 6, look.glyphs.ellipsis)
    left = look.paint(look.glyphs.rule * 2, "dim")
    right = look.paint(look.glyphs.rule * (look.width - cells(name) - 4), "dim")
    return [f"{left} {look.paint(name, 'bold')} {right}"]


def _lost(test: TestResult) -> bool:
    return test.status is not Status.PASSED or test.score < test.max_score


def _unwritten(test: TestResult) -> bool:
    return test.feedback is not None and test.feedback.message == UNWRITTEN


def _not_run(report: Report, look: Look) -> list[str]:
    """The tests that did not run, together: mostly they share one reason."""
    reasons: dict[str, list[TestResult]] = {}
    for test in report.tests:
        if test.status is Status.NOT_RUN:
            reason = test.feedback.message if test.feedback else "not run"
            reasons.setdefault(reason, []).append(test)
    out: list[str] = _heading("Not run", look) if reasons else []
    for reason, tests in reasons.items():
        problems = ", ".join(dict.fromkeys(look.clean(test.problem, 12) for test in tests))
        noun = "test" if len(tests) == 1 else "tests"
        count = f"{len(tests)} {noun} of {problems}"
        score = f"0 / {points_text(sum((test.max_score for test in tests), Decimal(0)))}"
        out += ["", *_headline(look.glyphs.not_run, count, score, "yellow", look)]
        out += _message(look.clean(reason), look)
    return out


def _test(test: TestResult, look: Look) -> list[str]:
    partial = test.status is Status.PASSED
    glyph = look.glyphs.partial if partial else getattr(look.glyphs, test.status.value)
    color = "yellow" if partial or _unwritten(test) else COLORS[test.status]
    if _unwritten(test):
        glyph = look.glyphs.not_run
    score = _score_text(test.score, test.max_score, (test,))
    out = _headline(glyph, look.clean(test.title or test.id, 300), score, color, look)
    if test.feedback is not None:
        out += _feedback(test.feedback, look)
    if test.output.strip():
        out += _output(test.output, look)
    return out


def _headline(glyph: str, title: str, score: str, color: str, look: Look) -> list[str]:
    """The title, wrapped, with the points at the right end of its first line."""
    room = look.width - len(INDENT) - cells(glyph) - 1 - cells(score) - 2
    lines = wrap(title, room)
    first = f"{INDENT}{look.paint(glyph, 'bold', color)} {look.paint(lines[0], 'bold')}"
    fill = " " * (room - cells(lines[0]))
    indent = INDENT + " " * (cells(glyph) + 1)
    rest = [indent + look.paint(line, "bold") for line in lines[1:]]
    return [f"{first}{fill}  {look.paint(score, color)}", *rest]


def _message(text: str, look: Look, *styles: str) -> list[str]:
    lines = wrap(text, look.width - len(INDENT) * 2)
    return [INDENT * 2 + look.paint(line, *styles) for line in lines]


def _feedback(feedback: Feedback, look: Look) -> list[str]:
    if feedback.message == UNWRITTEN:
        where = f": {place_text(feedback.place, look)}" if feedback.place else ""
        return _message(f"{UNWRITTEN}{where}", look, "dim")
    out = [] if feedback.exception else _message(look.clean(feedback.message), look)
    rows: list[tuple[str, str | None, tuple[str, ...]]] = [
        ("called", feedback.called, ("cyan",)),
        ("expected", feedback.expected, ("green",)),
        ("got", feedback.got, ("red",)),
        ("raised", feedback.exception, ("red",)),
    ]
    for label, text, styles in rows:
        if text:
            out += _row(label, look.clean(text), look, *styles)
    if feedback.place is not None:
        out += _place(feedback.place, look)
    if feedback.mistake:
        out += _row("mistake", look.clean(feedback.mistake), look, "bold", "yellow")
    if feedback.hint:
        out += _row("hint", look.clean(feedback.hint), look)
    return out


def _row(label: str, text: str, look: Look, *styles: str, indent: str = INDENT * 2) -> list[str]:
    """A dim label, and its text wrapped beside it."""
    room = look.width - len(indent) - LABEL
    head = indent + look.paint(pad(label, LABEL), "dim")
    blank = " " * (len(indent) + LABEL)
    return [
        (head if i == 0 else blank) + look.paint(line, *styles)
        for i, line in enumerate(wrap(text, room))
    ]


def _place(place: Place, look: Look) -> list[str]:
    """The student's own line: where it is, and its source."""
    out = _row("at", place_text(place, look), look)
    if place.source:
        blank = " " * (len(INDENT) * 2 + LABEL)
        room = look.width - len(blank) - 2
        source = cut(look.clean(place.source.strip(), 200), room, look.glyphs.ellipsis)
        out.append(f"{blank}{look.paint(look.glyphs.gutter, 'dim')} {look.paint(source, 'cyan')}")
    return out


def place_text(place: Place, look: Look) -> str:
    """ "hw3.py, line 12" or "hw3.ipynb, cell 4, line 2"."""
    cell = "" if place.cell is None else f", cell {place.cell}"
    return f"{look.clean(place.file, 100)}{cell}, line {place.line}"


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


def _total(report: Report, look: Look) -> list[str]:
    out = []
    if any(_lost(test) for test in report.tests):  # else the table's own rule is right above
        out.append(look.paint(look.glyphs.rule * look.width, "dim"))
    passed = sum(not _lost(test) for test in report.tests)
    tests = f"{passed} of {len(report.tests)} tests with all points"
    if report.score is None:
        out.append(f" {look.paint('No total', 'bold', 'yellow')}  {tests}")
    else:
        score = f"{points_text(report.score)} / {points_text(report.max_score)}"
        color = "green" if report.score == report.max_score else "yellow"
        bar = _bar(report.score, report.max_score, BAR, look)
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
    """What next, in a line; and the points that this checkout cannot tell."""
    if report.elsewhere:
        points = points_text(report.elsewhere)
        more = "1 more point is" if points == "1" else f"{points} more points are"
        yield f"{more} in hidden tests that are not in this checkout."
    if report.errors:
        count = len(report.errors)
        noun = "test" if count == 1 else "tests"
        yield (
            f"{count} {noun} could not be judged. That is the grader's or the course's fault, "
            "not the submission's: tell your instructor."
        )
        return
    worst = _first_to_mend(report)
    if worst is None:
        yield "Nothing is left to mend."
        return
    problem, test = worst
    waiting = sum(t.status is Status.NOT_RUN for t in report.tests)
    if waiting and test.feedback and test.feedback.exception and test.feedback.place:
        where = place_text(test.feedback.place, look)
        waits = "1 test waits" if waiting == 1 else f"{waiting} tests wait"
        yield f"Next: make the file load (see {where}); {waits} for it."
        return
    lost = points_text(test.max_score - test.score)
    noun = "point" if lost == "1" else "points"
    title = look.clean(test.title or test.id, 300).rstrip(".")
    yield f"Next: problem {look.clean(problem.id, 12)}, {title} ({lost} {noun})."


def _first_to_mend(report: Report) -> tuple[ProblemResult, TestResult] | None:
    """What is wrong before what is unfinished, in the homework's order."""
    lost = [(p, test) for p in report.problems for test in p.tests if _lost(test)]
    begun = [p for p in lost if p[1].status is not Status.NOT_RUN and not _unwritten(p[1])]
    return next(iter(begun or lost), None)
