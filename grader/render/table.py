"""A table as text: columns as wide as needed, on a page that may be too narrow for them.

No word is lost: what is too long for its column goes on below, in lines of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.render.look import Look, cells, pad, wrap

MIN_WIDTH, MAX_WIDTH, ENDLESS = 60, 140, 100_000
NARROWEST = 8  # cells of a column, however narrow the page is
GAP = "  "


def text_table(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    look: Look,
    right: Iterable[int] = (),
    styles: Sequence[str] = (),
) -> list[str]:
    """A header, a rule and the rows; `right` are columns of numbers, `styles` by row."""
    every = [list(header), *(list(row) for row in rows)]
    numbers = set(right)
    natural = [max(cells(row[i]) for row in every) for i in range(len(header))]
    widths = _fitted(natural, look.width - len(GAP) * (len(natural) - 1), numbers)
    drawn = [_draw(row, widths, numbers) for row in every]
    total = sum(widths) + len(GAP) * (len(widths) - 1)
    lines = [*(look.paint(line, "bold") for line in drawn[0]), look.glyphs.rule * total]
    for i, row in enumerate(drawn[1:]):
        style = styles[i : i + 1]
        lines += [look.paint(line, *filter(None, style)) for line in row]
    return lines


def _fitted(natural: Sequence[int], room: int, numbers: set[int]) -> list[int]:
    """Widths of at most `room` together, where that can be; the widest text column gives first."""
    widths = list(natural)
    texts = [i for i in range(len(widths)) if i not in numbers]
    while sum(widths) > room:
        widest = max(texts, key=lambda i: (widths[i], i), default=None)
        if widest is None or widths[widest] <= NARROWEST:
            break
        others = sorted(widths[i] for i in texts if i != widest)
        next_widest = max(others[-1] if others else 0, NARROWEST)
        too_much = sum(widths) - room
        widths[widest] -= min(too_much, max(widths[widest] - next_widest, 1))
    return widths


def _draw(row: Sequence[str], widths: Sequence[int], numbers: set[int]) -> list[str]:
    """The lines of one row, without blanks at their ends."""
    columns = [wrap(text, max(width, 1)) for text, width in zip(row, widths, strict=True)]
    lines = []
    for line in range(max(map(len, columns))):
        parts = [column[line] if line < len(column) else "" for column in columns]
        padded = [pad(p, widths[i], right=i in numbers) for i, p in enumerate(parts)]
        lines.append(GAP.join(padded).rstrip())
    return lines
