"""Gradescope's metadata made to do harm: bombs, wrong types, names that lead elsewhere."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.discover import Discovery, discover
from grader.discover.layouts.gradescope import _time
from grader.discover.plain_yaml import NotPlain, read_plain_yaml
from grader.errors import UsageError

from .test_layouts import SOURCE, write


def export(tmp_path: Path, text: str) -> Discovery:
    files = {
        "submission_metadata.yml": text,
        "submission_1/hw3.py": SOURCE,
        "../out/hw3.py": SOURCE,
    }
    return discover(write(tmp_path / "class", files), "hw3", "hw3", tmp_path / "work")


def laughs(line: str, last: str) -> str:
    """Thirty lines, each of which names the one before twice."""
    lines = ["a0: &a0 {x: lol}"] + [line.format(i, i - 1) for i in range(1, 31)]
    return "\n".join([*lines, "submission_1:", last]) + "\n"


@pytest.mark.parametrize(
    "text",
    [
        laughs("a{0}: &a{0} [*a{1}, *a{1}]", "  :submitters: [{{sid: *a30, name: *a30}}]"),
        laughs("a{0}: &a{0} {{<<: [*a{1}, *a{1}]}}", "  :submitters: [{sid: '7', <<: *a30}]"),
        laughs("a{0}: &a{0} [*a{1}, *a{1}]", "  ? *a30\n  : x"),
        "submission_1: &s {submitters: [*s, *s], x: *s}\n",
        "submission_1: {submitters: {sid: 7}}\n",
        "submission_1: {submitters: [[], 7, ~, {sid: [1]}, {name: {}}]}\n",
        "submission_1: 5\n? [a, b]\n: 6\n7: 8\n~: 9\n",
    ],
    ids=["aliases", "merges", "keys", "circle", "no list", "types", "entries"],
)
def test_made_up_metadata_is_read_as_far_as_it_says_who(tmp_path: Path, text: str) -> None:
    started = time.process_time()
    (one,) = export(tmp_path, text).found
    assert one.student_key in ("submission_1", "7")
    assert time.process_time() - started < 5


@pytest.mark.parametrize("unit", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_refused(tmp_path: Path, unit: str) -> None:
    with pytest.raises(UsageError, match="is no YAML"):
        export(tmp_path, "submission_1:\n" + unit * 100_000)


@pytest.mark.parametrize("name", ["''", ".", "..", "../out", "'.\\0'", ".hidden"])
def test_a_name_that_is_no_folder_there_is_told(tmp_path: Path, name: str) -> None:
    found = export(tmp_path, f"{name}: {{submitters: [{{sid: '7'}}]}}\n")
    assert [one.student_key for one in found.found] == ["submission_1"]
    assert any("which is not there" in line for line in found.problems)


def test_ids_stay_as_they_are_written(tmp_path: Path) -> None:
    found = export(tmp_path, "submission_1: {submitters: [{sid: 007, name: ~, email: 'null'}]}")
    assert dict(found.found[0].identities) == {"id": "007", "email": "null"}


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-10-02 05:00:00.123456789 -07:00", datetime(2026, 10, 2, 12, 0, 0, 123456, UTC)),
        ("2026-10-02 12:00:00.5 Z", datetime(2026, 10, 2, 12, 0, 0, 500000, UTC)),
        ("2026-10-02T14:00:00+0200", datetime(2026, 10, 2, 12, tzinfo=UTC)),
        ("2026-10-02 12:00:00", datetime(2026, 10, 2, 12, tzinfo=UTC)),
        ("2026-13-02 12:00:00", None),
        ("0001-01-01 00:00:00 +14:00", None),
        ("yesterday", None),
        ({"utc": "2026-10-02 12:00:00.000 Z"}, datetime(2026, 10, 2, 12, tzinfo=UTC)),
        ({"utc": {"utc": "x"}}, None),
        (None, None),
        ([], None),
    ],
)
def test_times(text: object, at: datetime | None) -> None:
    assert _time(text) == at


@given(st.text(max_size=200) | st.text("[]{}:-?&*a!|>'\"\n <#%,~", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(NotPlain):
        read_plain_yaml(text)
