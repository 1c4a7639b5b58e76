"""What is said of a notebook's failed cells is bounded, in lines and in time."""

from __future__ import annotations

import pickle
import time
from pathlib import Path

from grader.course.manifest import Assignment, find_course
from grader.judge.feedback import MAX_CELL_NOTES, cell_notes
from grader.judge.outcomes import Fault
from grader.judge.session import CellFault
from grader.submission import load_submission
from grader.submission.model import Submission
from tests.conftest import TINY
from tests.judge.test_verdicts import notebook

LONG = "\n" * 900_000 + "import nowhere"


def failed(tmp_path: Path, count: int) -> tuple[list[CellFault], Submission, Assignment]:
    """A notebook whose `count` cells all failed in the last line of one that is nearly 1 MB."""
    path = tmp_path / "tiny.ipynb"
    path.write_text(notebook([LONG, *["import nowhere"] * (count - 1)]))
    fault = Fault(
        "ModuleNotFoundError", (), "No module named 'nowhere'", ((1, 900_001, "f"),), True
    )
    faults = [CellFault(number, fault) for number in range(1, count + 1)]
    return faults, load_submission(path, "tiny"), find_course(TINY).assignment("tiny")


def test_few_are_all_told(tmp_path: Path) -> None:
    notes = cell_notes(*failed(tmp_path, 3))
    assert len(notes) == 3
    assert notes[0].startswith("code cell 1, line 900001 failed: ModuleNotFoundError")


def test_many_are_counted_and_cost_little(tmp_path: Path) -> None:
    faults, submission, assignment = failed(tmp_path, 500)
    start = time.process_time()
    notes = cell_notes(faults, submission, assignment)
    assert time.process_time() - start < 4
    assert len(notes) == MAX_CELL_NOTES + 1
    assert notes[-1] == f"and {500 - MAX_CELL_NOTES} more cells failed"


def test_the_whole_source_is_kept_but_not_sent_on(tmp_path: Path) -> None:
    _, submission, _ = failed(tmp_path, 2)
    assert submission.source is submission.source
    sent = pickle.dumps(submission)
    assert len(sent) < 1.5 * len(submission.source)
    assert pickle.loads(sent) == submission
