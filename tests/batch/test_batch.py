"""A class is graded once, whole, and the same by every engine; a regrade says why."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import pytest

from grader.batch import local
from grader.batch.comparing import NONDETERMINISM, changes
from grader.batch.grading import Event, Tally, grade_class
from grader.batch.jobs import Job, Outcome
from grader.batch.local import LocalEngine
from grader.course.manifest import Course, load_course
from grader.discover import discover
from grader.gradebook import open_gradebook
from grader.gradebook.regrades import apply_regrade, start_regrade
from grader.judge import suite
from grader.judge.run import Settings, grade
from grader.submission import load_submission
from tests.batch.conftest import SOLUTION
from tests.conftest import TINY

Class = tuple[Path, dict[str, float]]


def settings_of(course: Course) -> Settings:
    return Settings(assignment=course.assignment("tiny"), reuse_workers=True)


def run_class(
    folder: Path, book_path: Path, course: Course, **more: object
) -> tuple[list[Event], Tally]:
    events: list[Event] = []
    settings = settings_of(course)
    engine = LocalEngine(settings, judges=2)
    found = discover(folder, "tiny", "tiny", folder.parent / "work").found
    try:
        with open_gradebook(str(book_path)) as book:
            tally = grade_class(
                settings, found, book, engine, "test", lambda e, _: events.append(e), **more
            )  # type: ignore[arg-type]
    finally:
        engine.close()
    return events, tally


def scores(book_path: Path) -> dict[str, float]:
    with open_gradebook(str(book_path)) as book:
        return {a.student: float(a.score or 0) for a in book.attempts("tiny")}


def test_every_score_is_the_expected_one_and_nothing_is_lost(
    tiny_class: Class, tiny_course: Course, tmp_path: Path
) -> None:
    folder, expected = tiny_class
    events, tally = run_class(folder, tmp_path / "g.db", tiny_course)
    assert tally.done == len(expected)
    assert tally.counts == {"graded": 14, "unreadable": 2}
    assert scores(tmp_path / "g.db") == expected
    assert {event.student for event in events} == set(expected)


def test_a_second_run_grades_nothing_again(
    tiny_class: Class, tiny_course: Course, tmp_path: Path
) -> None:
    folder, expected = tiny_class
    run_class(folder, tmp_path / "g.db", tiny_course)
    (folder / "s000-good" / "tiny.py").write_text(SOLUTION.replace("2 * x", "3 * x"))
    _, tally = run_class(folder, tmp_path / "g.db", tiny_course)
    assert tally.counts == {"known": len(expected) - 1, "graded": 1}


def test_a_batch_gives_the_report_that_a_check_gives(
    tiny_class: Class, tiny_course: Course, tmp_path: Path
) -> None:
    folder, _ = tiny_class
    run_class(folder, tmp_path / "g.db", tiny_course)
    path = folder / "s001-wrong"
    checked = grade(
        Settings(assignment=tiny_course.assignment("tiny")), load_submission(path, "tiny")
    )
    with open_gradebook(str(tmp_path / "g.db")) as book:
        (attempt,) = book.attempts("tiny", "s001-wrong")
        report = book.report(attempt.id)
    assert report is not None
    assert report["hashes"] == checked.hashes
    kept = [(t["id"], t["status"], t["score"]) for p in report["problems"] for t in p["tests"]]
    assert kept == [(t.id, t.status.value, float(t.score)) for t in checked.tests]


def test_a_judge_that_dies_costs_a_retry(tiny_course: Course, tmp_path: Path) -> None:
    path = tmp_path / "tiny.py"
    path.write_text(SOLUTION)
    engine = LocalEngine(settings_of(tiny_course), judges=1)
    try:
        engine.submit(Job(key="a", path=path))
        engine._running[0].process.kill()  # as the kernel would, out of memory
        outcome = finish(engine)
    finally:
        engine.close()
    assert outcome.error is None
    assert outcome.report is not None
    assert outcome.report["score"] == 9.25


def test_a_judge_that_dies_again_is_recorded_as_ours(tiny_course: Course, tmp_path: Path) -> None:
    path = tmp_path / "tiny.py"
    path.write_text(SOLUTION)
    engine = LocalEngine(settings_of(tiny_course), judges=1)
    try:
        engine.submit(Job(key="a", path=path))
        engine._running[0].process.kill()
        while engine._tries["a"] < 2:
            assert engine.next_outcome(0) is None
        engine._running[0].process.kill()
        outcome = finish(engine)
    finally:
        engine.close()
    assert outcome.report is None
    assert "died" in str(outcome.error)


def test_an_outcome_is_not_lost_where_the_next_judge_cannot_start(
    tiny_course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tiny.py"
    path.write_text(SOLUTION)
    monkeypatch.setattr(local, "JOBS_PER_JUDGE", 1)  # each outcome has another judge started
    engine = LocalEngine(settings_of(tiny_course), judges=1)
    start, refused = LocalEngine._start, iter([OSError("out of processes")])

    def scarce(self: LocalEngine) -> local._Judge:
        for error in refused:
            raise error
        return start(self)

    try:
        for key in "ab":
            engine.submit(Job(key=key, path=path))
        monkeypatch.setattr(LocalEngine, "_start", scarce)
        assert [finish(engine).key for _ in "ab"] == ["a", "b"]
    finally:
        engine.close()


def test_an_engine_that_is_closed_leaves_no_file_and_no_process(
    tiny_course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, temporary = tmp_path / "tiny.py", tmp_path / "temporary"
    path.write_text(SOLUTION)
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    engine = LocalEngine(settings_of(tiny_course), judges=1)
    engine.submit(Job(key="a", path=path))
    finish(engine)
    process = engine._running[0].process
    engine.close()
    assert process.exitcode == 0
    assert list(temporary.iterdir()) == []


def test_an_engine_that_is_closed_while_busy_leaves_no_file(
    tiny_course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, temporary = tmp_path / "tiny.py", tmp_path / "temporary"
    path.write_text(SOLUTION.replace("return 2 * x", "while True: pass"))
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    engine = LocalEngine(settings_of(tiny_course), judges=1)
    engine.submit(Job(key="a", path=path))
    while not list(temporary.glob("grader-judge-*")):
        assert engine.next_outcome(0.05) is None
    engine.close()
    assert list(temporary.iterdir()) == []


def test_a_folder_that_is_interrupted_as_it_is_made_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that is ended ends its judges by a signal, which may come at any moment."""
    make = os.mkdir

    def interrupted(*args: Any, **options: Any) -> None:
        make(*args, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "mkdir", interrupted)
    with pytest.raises(KeyboardInterrupt), suite._folder():
        pass
    assert list(tmp_path.iterdir()) == []


def finish(engine: LocalEngine) -> Outcome:
    for _ in range(60):
        outcome = engine.next_outcome(1)
        if outcome is not None:
            return outcome
    raise AssertionError("no outcome came")


def test_a_verdict_of_another_suite_is_kept_until_a_regrade(
    tiny_class: Class, tmp_path: Path
) -> None:
    import shutil

    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    folder, expected = tiny_class
    book_path = tmp_path / "g.db"
    run_class(folder, book_path, load_course(root))
    hidden = root / "reference" / "tiny" / "tests" / "test_hidden.py"
    hidden.write_text(hidden.read_text().replace("counter.n, 2,", "counter.n, 4,"))
    late = folder / "s099-late"
    late.mkdir()
    (late / "tiny.py").write_text(SOLUTION)
    _, tally = run_class(folder, book_path, load_course(root))
    assert tally.counts == {"kept": len(expected), "graded": 1}
    assert scores(book_path) == {**expected, "s099-late": 6.75}
    _, again = run_class(folder, book_path, load_course(root))
    assert again.counts == {"kept": len(expected), "known": 1}


def test_a_regrade_names_the_cause_and_counts_when_applied(
    tiny_class: Class, tmp_path: Path
) -> None:
    import shutil

    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    folder, _ = tiny_class
    book_path = tmp_path / "g.db"
    run_class(folder, book_path, load_course(root))
    hidden = root / "reference" / "tiny" / "tests" / "test_hidden.py"
    hidden.write_text(
        hidden.read_text().replace("assert_equal(counter.n, 2,", "assert_equal(counter.n, 4,")
    )
    with open_gradebook(str(book_path)) as book:
        staged = start_regrade(book, "tiny", "the counter's test was wrong")
    run_class(folder, book_path, load_course(root), regrade=staged.id)
    before = scores(book_path)
    with open_gradebook(str(book_path)) as book:
        found = {change.student: change for change in changes(book, staged)}
        assert set(found) == {
            "s000-good", "s001-wrong", "s002-half", "s003-exits", "s004-kills",
            "s008-good", "s009-wrong", "s010-half", "s011-exits", "s012-kills",
        }  # fmt: skip
        assert found["s000-good"].causes == ("suite",)
        assert [test.test for test in found["s000-good"].tests] == ["test_counter_counts"]
        assert (found["s002-half"].before, found["s002-half"].after) == (6.75, 9.25)
        apply_regrade(book, staged)
    assert before["s000-good"] == 9.25


def test_nondeterminism_is_found_by_grading_again(tiny_course: Course, tmp_path: Path) -> None:
    folder = tmp_path / "class"
    (folder / "lucky").mkdir(parents=True)
    dice = SOLUTION.replace(
        "return 2 * x", "import os; return 2 * x if os.urandom(1)[0] % 2 else 0"
    )
    (folder / "lucky" / "tiny.py").write_text(dice)
    run_class(folder, tmp_path / "g.db", tiny_course)
    for _ in range(20):
        with open_gradebook(str(tmp_path / "g.db")) as book:
            staged = start_regrade(book, "tiny", "again")
        run_class(folder, tmp_path / "g.db", tiny_course, regrade=staged.id)
        with open_gradebook(str(tmp_path / "g.db")) as book:
            found = changes(book, staged)
            apply_regrade(book, staged)
        if found:
            assert found[0].causes == (NONDETERMINISM,)
            return
    raise AssertionError("twenty gradings of dice agreed")


def test_the_command_prints_json_lines(
    tiny_class: Class, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from grader.cli import main

    folder, expected = tiny_class
    book = tmp_path / "g.db"
    with pytest.raises(SystemExit) as exit_info:
        main(
            [
                "batch",
                "tiny",
                str(folder),
                "--gradebook",
                str(book),
                "--json-lines",
                "--course",
                str(TINY),
            ]
        )
    assert exit_info.value.code == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["student"]: line["score"] for line in lines} == expected
    assert sqlite3.connect(book).execute("pragma integrity_check").fetchone() == ("ok",)
