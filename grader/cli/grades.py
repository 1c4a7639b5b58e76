"""`grader grades`: a homework's grades from the gradebook: shown, explained, exported."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.check import use_color
from grader.cli.options import columns, gradebook_option, write_text
from grader.cli.student_reports import write_moodle, write_reports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.gradebook.sheet import Line


@click.command()
@click.argument("homework")
@gradebook_option
@click.option("--student", "students", multiple=True, metavar="ID", help="Only this student.")
@click.option("--section", "sections", multiple=True, metavar="NAME", help="Only this section.")
@click.option("--status", "statuses", multiple=True, metavar="STATUS", help="Only missing, ...")
@click.option("--explain", is_flag=True, help="Show every step of each grade.")
@click.option("--csv", "csv_file", metavar="FILE|-", help="Write a CSV (- for stdout).")
@click.option("--json", "json_file", metavar="FILE|-", help="Write JSON (- for stdout).")
@click.option(
    "--reports",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write each student's report, as they may see it, as a text file in DIR.",
)
@click.option(
    "--moodle-feedback",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write them as a zip of feedback files for Moodle.",
)
@click.option("--no-color", is_flag=True, help="Plain text.")
def grades(
    homework: str,
    gradebook: str,
    students: tuple[str, ...],
    sections: tuple[str, ...],
    statuses: tuple[str, ...],
    explain: bool,
    csv_file: str | None,
    json_file: str | None,
    reports: Path | None,
    moodle_feedback: Path | None,
    no_color: bool,
) -> None:
    """Show the grades of HOMEWORK: a line for everyone on the roster or with a submission.

    Statuses are graded, unreadable, missing, excused and error (ours: the grade is withheld).
    """
    from grader.gradebook import open_gradebook
    from grader.gradebook.sheet import grade_sheet, homework_title, homeworks

    with open_gradebook(gradebook, create=False) as book:
        lines = grade_sheet(book, homework, students or None)
        title = homework_title(book, lines) or _title_of_course(homework)
        roster = any(student.enrolled for student in book.students())
        refuse_unknown(homework, tuple(homeworks(book)), students, lines)
        lines = tuple(
            line
            for line in lines
            if (not sections or line.student.section in sections)
            and (not statuses or line.grade.status.value in statuses)
        )
        if reports is not None:
            write_reports(book, homework, lines, reports)
        if moodle_feedback is not None:
            write_moodle(book, homework, lines, moodle_feedback)
    for name, text in (
        (csv_file, lambda: _csv(lines)),
        (json_file, lambda: _json(homework, title, lines)),
    ):
        if name == "-":
            click.echo(text(), nl=False)
        elif name is not None:
            write_text(Path(name), text())
    if "-" not in (csv_file, json_file):
        from grader.render.grades import render_grades

        table = render_grades(
            homework,
            lines,
            color=use_color(no_color),
            width=columns(),
            explain=explain,
            roster=roster,
            encoding=getattr(sys.stdout, "encoding", None) or "utf-8",
        )
        click.echo(table)


def refuse_unknown(
    homework: str, known: Sequence[str], students: Sequence[str], lines: Sequence[Line]
) -> None:
    """UsageError where the gradebook knows nothing of the homework, or not of a student."""
    from grader.errors import UsageError

    if homework not in known:
        raise UsageError(
            f"The gradebook has nothing of {homework!r}.",
            hint=f"It has: {', '.join(known) or 'nothing yet; grader batch fills it'}.",
        )
    for student in students:
        if student not in {line.student.id for line in lines}:
            raise UsageError(
                f"The gradebook has no student {student!r} in {homework}.",
                hint="grader gradebook students lists them.",
            )


def _title_of_course(homework: str) -> str:
    """The homework's title where its course is here, else its id."""
    from grader.course.manifest import find_course
    from grader.errors import GraderError

    try:
        return find_course().assignment(homework).title
    except GraderError:
        return homework


def _csv(lines: Sequence[Line]) -> str:
    from grader.export.cells import neutral, write_table
    from grader.gradebook.records import COLUMNS, NUMBERS, cells_of, records

    rows = [
        [
            cell if name in NUMBERS else neutral(cell)
            for name, cell in zip(COLUMNS, cells, strict=True)
        ]
        for cells in map(cells_of, records(lines))
    ]
    return write_table([COLUMNS, *rows])


def _json(homework: str, title: str, lines: Sequence[Line]) -> str:
    from grader.discover.platform_ids import platform_ids
    from grader.gradebook.records import records

    entries = records(lines)
    for entry, line in zip(entries, lines, strict=True):
        if (attempt := line.grade.attempt) is not None:
            entry["ids"] |= platform_ids(attempt.handed.layout, attempt.handed.source)
    value = {"homework": homework, "title": title, "grades": entries}
    return json.dumps(value, indent=2, ensure_ascii=True, allow_nan=False) + "\n"
