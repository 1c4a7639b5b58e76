"""Before a class is graded: whether what was handed in is called as another homework's file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from grader.course.manifest import Assignment
from grader.course.names import OtherHomework, refuse_other_homework
from grader.discover.model import Found
from grader.errors import SubmissionError, UsageError
from grader.judge.run import words_of
from grader.submission import source_names


def mark_misplaced(assignment: Assignment, found: Sequence[Found]) -> list[Found]:
    """The same, those of another homework with the reason why they cannot be graded.

    UsageError where most of the class is of another: the homework's id is wrong, or the folder.
    """
    marked: list[Found] = []
    of_others: Counter[str] = Counter()
    for one in found:
        if one.unreadable is not None:
            marked.append(one)
            continue
        try:
            refuse_other_homework(assignment, source_names(one.path, assignment.module))
        except OtherHomework as err:
            of_others[err.homework] += 1
            one = replace(one, unreadable=words_of(err))
        except SubmissionError:
            pass  # grading says what is wrong with it
        except Exception as err:  # whatever made-up files provoke in what reads them
            one = replace(one, unreadable=f"Reading it failed ({type(err).__name__}).")
        marked.append(one)
    if 2 * of_others.total() > len(marked):
        homework = of_others.most_common(1)[0][0]
        counted = ", ".join(f"{count} of {name}" for name, count in of_others.most_common())
        alone = "The only submission is a file"
        which = alone if len(marked) == 1 else f"Most of these {len(marked)} submissions are files"
        raise UsageError(
            f"{which} of another homework ({counted}), not of {assignment.id}: nothing was graded.",
            hint=f"Grade them as {homework}, or name the folder that holds {assignment.id}.",
        )
    return marked
