"""Tables fit the page and lose no word; in a file they are as wide as they are."""

from __future__ import annotations

import pytest

from grader.render.look import PLAIN, Look, cells
from grader.render.table import ENDLESS, text_table

HEADER = ("Student", "Name", "Email", "Points", "Notes")
ROW = (
    "grace_7010",
    "Grace Brewster Murray Hopper the Third of Her Name",
    "grace.brewster.murray.hopper@mathematics.university.example",
    "97.25",
    "two days late, one of them paid by the bank of late days",
)


def table(width: int, *rows: tuple[str, ...]) -> list[str]:
    look = Look(width=width, color=False, encoding="utf-8", glyphs=PLAIN)
    return text_table(HEADER, rows, look, {3})


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_a_wide_table_fits_and_nothing_is_cut(width: int) -> None:
    lines = table(width, ROW)
    assert max(map(cells, lines)) <= width
    kept = "".join("".join(lines).split())
    for word in " ".join(ROW[:1] + ROW[3:]).split():
        assert word in kept
    assert sum(map(len, "".join(ROW).split())) <= len(kept)


def test_only_what_is_too_wide_gives_way() -> None:
    lines = table(80, ("ana", "Ana", "ana@uni.example", "9", " ".join(["late"] * 30)))
    assert lines[2].startswith("ana      Ana   ana@uni.example       9  late late")
    assert lines[3].startswith(" " * 40 + "late")


def test_in_a_file_a_row_is_a_line() -> None:
    assert len(table(ENDLESS, ROW, ROW)) == 4
