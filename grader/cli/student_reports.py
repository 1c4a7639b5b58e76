"""`--reports` and `--moodle-feedback` of `grader grades`: what each student may see, as files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.options import write_bytes, write_text

if TYPE_CHECKING:
    from grader.gradebook.book import Gradebook
    from grader.gradebook.sheet import Line

NAMED = 10


def write_reports(book: Gradebook, homework: str, lines: Sequence[Line], folder: Path) -> None:
    """A text file for each student with a report; an old one of a student without is removed."""
    from grader.errors import UsageError
    from grader.export.feedback import file_names
    from grader.gradebook.words import counted

    texts = _texts(book, lines)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise UsageError(f"{folder} cannot be made: {err.strerror}.") from err
    # of everyone, so that a name does not depend on whose reports are asked for
    names = file_names(homework, (student.id for student in book.students()))
    for student in (line.student.id for line in lines):
        name = names[student]
        if student in texts:
            write_text(folder / name, texts[student])
        else:
            (folder / name).unlink(missing_ok=True)
    _say(f"{counted(len(texts), 'report')} written to {folder}.", lines, texts)


def write_moodle(book: Gradebook, homework: str, lines: Sequence[Line], file: Path) -> None:
    """The zip for Moodle's "Upload multiple feedback files in a zip"."""
    from grader.discover.layouts import moodle
    from grader.errors import UsageError
    from grader.export.feedback import moodle_folder, zip_of
    from grader.gradebook.words import counted

    texts = _texts(book, lines)
    files: dict[str, str] = {}
    placed = set()
    for line in lines:
        attempt = line.grade.attempt
        if attempt is None or line.student.id not in texts or attempt.handed.layout != moodle.NAME:
            continue
        named = moodle.named(attempt.handed.source.rpartition("/")[2])
        if named is not None:
            files[f"{moodle_folder(*named)}/{homework}-report.txt"] = texts[line.student.id]
            placed.add(line.student.id)
    if not files:
        raise UsageError(
            "No submission came in Moodle's download, whose folders say which participant it is "
            "of: no zip was written.",
            hint="Grade that download with grader batch; or write files: --reports DIR.",
        )
    write_bytes(file, zip_of(files))
    _say(f"{counted(len(files), 'report')} written to {file}.", lines, placed)


def _texts(book: Gradebook, lines: Iterable[Line]) -> dict[str, str]:
    """The report of each student's counting attempt as text, by the student's id."""
    from grader.render.student import render_for_student
    from grader.report.serialise import from_dict

    texts = {}
    for line in lines:
        attempt = line.grade.attempt
        report = None if attempt is None or line.grade.score is None else book.report(attempt.id)
        if report is not None:
            texts[line.student.id] = render_for_student(line, from_dict(report))
    return texts


def _say(done: str, lines: Iterable[Line], written: Iterable[str]) -> None:
    """How many were written, and who has none and why."""
    there = set(written)
    without = [
        f"{line.student.id} ({line.grade.status.value})"
        for line in lines
        if line.student.id not in there
    ]
    click.echo(done, err=True)
    if without:
        more = f" and {len(without) - NAMED} more" if len(without) > NAMED else ""
        click.echo(f"None for {', '.join(without[:NAMED])}{more}.", err=True)
