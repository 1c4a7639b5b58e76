"""Text of a submission that is shown cannot act on a terminal or hide what it says."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.text import safe_text

anything = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x1b\x07\r\n\t\0\u202e\u2066\u200b\u2028\ufeff\x9b"),
        st.characters(categories=["Cs"]),
    )
)


@given(anything, st.integers(0, 60), st.booleans())
def test_the_result_is_printable_and_within_the_limit(text, limit, lines):
    shown = safe_text(text, limit, lines=lines)
    assert len(shown) <= limit
    shown.encode("utf-8")
    kept = "\n\t" if lines else ""
    assert all(c in kept or unicodedata.category(c)[0] != "C" for c in shown)
    assert "\u2028" not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, ünïcode and 漢字", "plain, ünïcode and 漢字"),
        ("\x1b[2J\x1b]0;title\x07", r"\x1b[2J\x1b]0;title\x07"),
        ("abc\u202egpj.exe", r"abc\u202egpj.exe"),
        ("half \ud800", r"half \ud800"),
        ("tag \U000e0041", r"tag \U000e0041"),
        ("two\nlines\t\r\n", r"two\x0alines\x09\x0d\x0a"),
    ],
)
def test_unsafe_characters_are_written_as_escapes(text, shown):
    assert safe_text(text) == shown


def test_lines_keep_line_ends_and_tabs_but_no_carriage_return():
    assert safe_text("a\r\n\tb\rc\n", lines=True) == "a\n\tb\\x0dc\n"


def test_a_long_text_is_cut_with_an_ellipsis():
    assert safe_text("x" * 100, 10) == "x" * 9 + "…"
    assert safe_text("x" * 10, 10) == "x" * 10
    assert safe_text("\x1b" * 10, 10) == r"\x1b\x1b\…"
