"""Draws docs/figures/report.svg: how the terminal report of the example begins, and its end.

Run: python docs/figures/draw_report.py
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from pathlib import Path

from grader.course.manifest import find_course
from grader.judge.run import Settings, grade
from grader.render.terminal import render_report
from grader.submission import load_submission

EXAMPLE = "examples/hw3_partly_wrong"
ROOT = Path(__file__).resolve().parents[2]
LAST = 3  # lines: from the rule above the total
CHAR, LINE, MARGIN = 7.8, 18, 14  # pixels
COLORS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "36": "#79c0ff", "90": "#8b949e"}
CODE = re.compile(r"\x1b\[([0-9;]*)m")


def style(codes: str) -> str:
    """SVG attributes of an ANSI sequence's codes."""
    parts = codes.split(";")
    color = next((COLORS[code] for code in parts if code in COLORS), "")
    attributes = f' fill="{color}"' if color else ""
    attributes += ' font-weight="bold"' if "1" in parts else ""
    return attributes + (' fill-opacity="0.6"' if "2" in parts else "")


def tspan(piece: str, column: int, attributes: str) -> str:
    """One piece at its column; some renderers drop blanks at its ends, so `x` stands for them."""
    text = piece.strip()
    x = MARGIN + (column + len(piece) - len(piece.lstrip())) * CHAR
    length = len(text) * CHAR
    return (
        f'<tspan x="{x:.1f}" textLength="{length:.1f}"{attributes} '
        f'xml:space="preserve">{escape(text)}</tspan>'
    )


def spans(line: str) -> str:
    """One line of terminal output as tspans, each placed at its column."""
    result, column, attributes = "", 0, ""
    for i, piece in enumerate(CODE.split(line)):
        if i % 2:
            attributes = "" if piece in ("", "0") else attributes + style(piece)
            continue
        if piece.strip():
            result += tspan(piece, column, attributes)
        column += len(piece)
    return result


def main() -> None:
    assignment = find_course(ROOT).assignment("hw3")
    submission = load_submission(ROOT / EXAMPLE, assignment.module)
    report = grade(Settings(assignment=assignment), submission)
    report = replace(report, file=submission.shown_file(EXAMPLE))
    lines = render_report(report, color=True, width=100, encoding="utf-8").split("\n")
    blocks = [i for i, line in enumerate(lines) if CODE.sub("", line).startswith("── ")]
    shown = [*lines[: blocks[1]], "   ...", "", *lines[-LAST:]]
    width, height = 2 * MARGIN + 100 * CHAR, 2 * MARGIN + LINE * (len(shown) + 1)
    text = "".join(
        f'<text y="{MARGIN + LINE * (i + 1)}">{spans(line)}</text>\n'
        for i, line in enumerate(shown)
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
        f'viewBox="0 0 {width:.0f} {height}">\n'
        f'<rect width="100%" height="100%" rx="8" fill="#0d1117"/>\n'
        '<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13" '
        f'fill="#e6edf3">\n{text}</g>\n</svg>\n'
    )
    (ROOT / "docs" / "figures" / "report.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
