"""Two processes on one gradebook at once do no harm."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from grader.gradebook import open_gradebook
from grader.gradebook.book import Gradebook

ROOT = Path(__file__).resolve().parents[2]
STUDENTS = 12
# both wait for a line, so that they begin together; each says how many gradings were its own
RECORD = f"""
import sys
from grader.gradebook import open_gradebook
from tests.gradebook.conftest import make_result
print("ready", flush=True)
sys.stdin.readline()
with open_gradebook(sys.argv[1]) as book:
    print(sum(book.record(make_result(f"s{{i}}")) for i in range({STUDENTS})))
"""
ADJUST = f"""
import sys
from decimal import Decimal
from grader.gradebook import changes, open_gradebook
with open_gradebook(sys.argv[1]) as book:
    print("ready", flush=True)
    sys.stdin.readline()
    for i in range({STUDENTS}):
        changes.adjust(book, "hw3", "ana", "add", Decimal(1), "a reason")
        changes.excuse(book, "hw3", "ana", f"reason {{i}}")
"""


def together(code: str, place: str) -> list[str]:
    """What two processes that run `code` at once say."""
    command = [sys.executable, "-c", code, place]
    both = [
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    return said


def test_two_that_make_the_gradebook_and_record_the_same(place: str) -> None:
    said = together(RECORD, place)
    assert sum(map(int, said)) == STUDENTS
    with open_gradebook(place, create=False) as book:
        assert len(book.attempts("hw3")) == STUDENTS
        assert len(book.students()) == STUDENTS


def test_two_that_decide_about_the_same_student(
    book: Gradebook, reopen: Callable[[], Gradebook]
) -> None:
    from grader.gradebook import changes
    from grader.gradebook.model import Student

    changes.import_students(book, [Student(id="ana")])
    together(ADJUST, book.database.engine.url.render_as_string(hide_password=False))
    history = changes.history(book, student="ana")
    assert len(history) == 4 * STUDENTS
    for _ in history:  # every change rests on the one before it, so all can be undone
        changes.undo(book)
    assert changes.history(book, student="ana")[0].undone_at is not None
