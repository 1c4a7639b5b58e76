"""The pieces that a report on a terminal is laid out of: headings, rows with labels, points."""

from __future__ import annotations

from decimal import Decimal

from grader.render.look import Look, cells, cut, pad, wrap
from grader.report.model import Place, Status, TestResult

LABEL = 10  # cells: "expected" and two spaces
INDENT = "  "


def points_text(points: Decimal) -> str:
    """ "4", "2.5", "33.33": without needless zeros."""
    text = f"{points:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def score_text(score: Decimal, max_score: Decimal, tests: tuple[TestResult, ...]) -> str:
    """ "4 / 6"; a question mark where an error of ours leaves the score open."""
    shown = "?" if any(t.status is Status.ERROR for t in tests) else points_text(score)
    return f"{shown} / {points_text(max_score)}"


def lost_points(test: TestResult) -> bool:
    """Whether the test has less than all of its points."""
    return test.status is not Status.PASSED or test.score < test.max_score


def is_unfinished(test: TestResult) -> bool:
    """Whether the student has not begun with what the test asks for."""
    return test.feedback is not None and test.feedback.is_unfinished


def heading(name: str, look: Look) -> list[str]:
    """A name in a rule across the page."""
    name = cut(name, look.width - 6, look.glyphs.ellipsis)
    left = look.paint(look.glyphs.rule * 2, "dim")
    right = look.paint(look.glyphs.rule * (look.width - cells(name) - 4), "dim")
    return [f"{left} {look.paint(name, 'bold')} {right}"]


def headline(glyph: str, title: str, score: str, color: str, look: Look) -> list[str]:
    """The title, wrapped, with the points at the right end of its first line."""
    room = headline_room(glyph, score, look)
    lines = wrap(title, room)
    first = f"{INDENT}{look.paint(glyph, 'bold', color)} {look.paint(lines[0], 'bold')}"
    fill = " " * (room - cells(lines[0]))
    indent = INDENT + " " * (cells(glyph) + 1)
    rest = [indent + look.paint(line, "bold") for line in lines[1:]]
    return [f"{first}{fill}  {look.paint(score, color)}", *rest]


def headline_room(glyph: str, score: str, look: Look) -> int:
    """Cells that a headline has for its title."""
    return look.width - len(INDENT) - cells(glyph) - 1 - cells(score) - 2


def message(text: str, look: Look, *styles: str) -> list[str]:
    """Text below a headline, wrapped."""
    lines = wrap(text, look.width - len(INDENT) * 2)
    return [INDENT * 2 + look.paint(line, *styles) for line in lines]


def row(label: str, text: str, look: Look, *styles: str, indent: str = INDENT * 2) -> list[str]:
    """A dim label, and its text wrapped beside it."""
    room = look.width - len(indent) - LABEL
    head = indent + look.paint(pad(label, LABEL), "dim")
    blank = " " * (len(indent) + LABEL)
    return [
        (head if i == 0 else blank) + look.paint(line, *styles)
        for i, line in enumerate(wrap(text, room))
    ]


def place_text(place: Place, look: Look) -> str:
    """ "hw3.py, line 12" or "hw3.ipynb, code cell 4, line 2"."""
    return f"{look.clean(place.file, 100)}, {lines_text([place])}"


def lines_text(places: list[Place]) -> str:
    """ "lines 12 and 15" or "code cell 5, line 3": places in one file, those of the first cell."""
    same = [place for place in places if place.cell == places[0].cell]
    lines = [str(line) for line in sorted({place.line for place in same})]
    cell = "" if places[0].cell is None else f"code cell {places[0].cell}, "
    if len(lines) == 1:
        return f"{cell}line {lines[0]}"
    shown = f"{', '.join(lines[:2])} ..." if len(lines) > 2 else " and ".join(lines)
    return f"{cell}lines {shown}"
