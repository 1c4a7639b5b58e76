"""What is shown while a class is graded, above all while one submission takes its time."""

from __future__ import annotations

import io
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from grader.batch.grading import Event, Tally, grade_class
from grader.batch.jobs import Job, Outcome
from grader.cli import batch_progress
from grader.cli.batch_progress import Bar, Lines, Troubles, length, status_line
from grader.course.manifest import Course
from grader.discover import discover
from grader.gradebook import open_gradebook
from grader.judge.run import Settings
from grader.render.look import cells
from tests.batch.conftest import write_class


def a_tally(done: int = 10, total: int = 11, **under_way: float) -> Tally:
    tally = Tally(total=total, counts=Counter(graded=done), under_way=[*under_way.items()])
    tally.busy_s = 0.5 * done
    tally.started = time.monotonic() - 20
    return tally


def test_the_students_under_way_and_the_longest_time_are_shown() -> None:
    line = status_line(a_tally(brook=62, ana=3, kim=2, lee=1))
    assert line == ("10/11  about 62 s left  grading brook (62 s), ana, kim and 1 more  10 graded")


def test_the_time_left_is_no_shorter_than_what_hangs_has_taken() -> None:
    assert a_tally(brook=240).left_s == 240
    usual = a_tally(brook=0.4).left_s
    assert usual is not None
    assert 1.9 < usual < 2.1  # 10 in 20 s, one to go
    assert a_tally(done=0, brook=5).left_s is None


@pytest.mark.parametrize("width", [30, 59, 99])
def test_the_line_fits_the_terminal(width: int) -> None:
    line = status_line(a_tally(**{"a_student_with_quite_a_long_key_of_theirs": 62, "b": 1}), width)
    assert cells(line) <= width
    assert line.startswith("10/11  about 62 s left")


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (119, "119 s"), (120, "2 min"), (7260, "2 h 1 min")]
)
def test_lengths_are_short(seconds: float, words: str) -> None:
    assert length(seconds) == words


class Hanging:
    """An engine whose second job does not end before it has been asked for many times."""

    capacity = 2

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._begun: dict[str, float] = {}
        self._asked = 0

    def submit(self, job: Job) -> None:
        self._jobs.append(job)
        self._begun[job.key] = time.monotonic()

    def next_outcome(self, timeout_s: float | None = None) -> Outcome | None:
        assert timeout_s is not None
        assert timeout_s < 1
        self._asked += 1
        if len(self._jobs) == 1 and self._asked < 10:
            return None
        job = self._jobs.pop(0)
        del self._begun[job.key]
        return Outcome(key=job.key, report=None, error="out of order", duration_s=0.1)

    def under_way(self) -> Mapping[str, float]:
        return self._begun

    def close(self) -> None:
        pass


def test_while_nothing_is_done_a_tick_says_what_is_under_way(
    tiny_course: Course, tmp_path: Path
) -> None:
    write_class(tmp_path / "class", 2)
    found = discover(tmp_path / "class", "tiny", "tiny", tmp_path / "work").found
    ticks: list[list[str]] = []
    with open_gradebook(str(tmp_path / "g.db")) as book:
        tally = grade_class(
            Settings(assignment=tiny_course.assignment("tiny")),
            found,
            book,
            Hanging(),
            "test",
            lambda event, tally: None,
            on_tick=lambda tally: ticks.append([student for student, _ in tally.under_way]),
        )
    assert tally.counts == {"error": 2}
    assert ticks == [["s001-wrong"]] * 8


def an_event(how: str = "unreadable") -> Event:
    return Event(
        student="kim", how=how, score=0.0, max_score=10.0, duration_s=0.1, reason="no file"
    )


def test_the_bar_is_drawn_anew_at_a_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = io.StringIO()
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setenv("COLUMNS", "80")
    bar = Bar()
    bar.tick(a_tally(brook=62))
    bar.tick(a_tally(brook=63))
    bar.done(an_event(), a_tally(11))
    shown = stderr.getvalue()
    assert "grading brook (62 s)" in shown
    assert "grading brook (63 s)" in shown
    assert "kim: unreadable: no file\n" in shown
    assert shown.endswith("11 graded\n")
    assert all(cells(line.removeprefix("\x1b[K")) < 80 for line in shown.split("\r"))


def test_a_log_is_told_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(batch_progress.time, "monotonic", lambda: now[0])
    lines = Lines()
    for _ in range(70):
        now[0] += 1
        lines.tick(a_tally(brook=1))
    assert capsys.readouterr().err.count("grading brook") == 2


def test_what_could_not_be_graded_is_told_again_at_the_end() -> None:
    watch = Troubles(batch_progress.JsonLines())
    for how in ("unreadable", "graded", "error"):
        watch.done(an_event(how), a_tally())
    assert list(watch.lines()) == [
        "Unreadable, 0 points:",
        "  kim: no file",
        "Not graded, since the grader failed; run the command again:",
        "  kim: no file",
    ]


def test_where_a_test_failed_is_said_by_check() -> None:
    watch = Troubles(batch_progress.JsonLines())
    reason = "the test's own code failed: KeyError: 'w'"
    watch.done(replace(an_event("error"), reason=reason), a_tally())
    assert list(watch.lines())[-1] == (
        "  grader check HOMEWORK FILE --reveal says at which line a test failed."
    )
