"""`grader gradebook`: who is in the class, what is due, who is excused, and why; with undo."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.options import columns, gradebook_option, write_text
from grader.cli.table import echo_table

if TYPE_CHECKING:
    from datetime import datetime

    from grader.gradebook.book import Gradebook
    from grader.gradebook.changes import Change

MOST = 2**31 - 1  # of a number in the gradebook's columns

_reason: Callable[..., Any] = click.option("--reason", required=True, help="It stays in history.")
_why: Callable[..., Any] = click.option("--reason", default="", help="It stays in the history.")
_zone: Callable[..., Any] = click.option(
    "--zone", metavar="NAME", help="Of a time without an offset, like Europe/Berlin."
)


@click.group("gradebook")
def gradebook_group() -> None:
    """The roster, due dates, policies, extensions, excuses and adjustments; all can be undone."""


@gradebook_group.command("roster")
@click.argument("file", type=click.Path(path_type=Path))
@gradebook_option
@_why
def roster(file: Path, gradebook: str, reason: str) -> None:
    """Take over the class from FILE, a CSV: id, name, email, section, github."""
    from grader.discover.roster import read_roster
    from grader.gradebook.changes import import_students
    from grader.gradebook.model import Student

    people = [Student(**vars(person), enrolled=True) for person in read_roster(file)]
    with _opened(gradebook, create=True) as book:
        _said(book, import_students(book, people, reason))


@gradebook_group.command("students")
@gradebook_option
def students(gradebook: str) -> None:
    """List everyone that the gradebook knows."""
    with _opened(gradebook) as book:
        people = book.students()
    rows = [
        (s.id, s.name, s.email, s.section, s.github, "yes" if s.enrolled else "no") for s in people
    ]
    echo_table(("Student", "Name", "Email", "Section", "GitHub", "Enrolled"), rows)


@gradebook_group.command("due")
@click.argument("homework")
@click.argument("time", required=False)
@click.option("--none", "remove", is_flag=True, help="No due date.")
@_zone
@_why
@gradebook_option
def due(
    homework: str, time: str | None, remove: bool, zone: str | None, reason: str, gradebook: str
) -> None:
    """Set when HOMEWORK is due: "2026-10-02 23:59", with an offset, --zone, or in local time."""
    from grader.cli.times import parse_time
    from grader.errors import UsageError
    from grader.gradebook.changes import set_due

    if (time is None) != remove:
        raise UsageError("Give a time, or --none.", hint='grader gradebook due hw3 "2026-10-02"')
    at = None if time is None else parse_time(time, zone)
    with _opened(gradebook, create=True) as book:
        _said(book, set_due(book, homework, at, reason))


@gradebook_group.command("policy")
@click.argument("homework", required=False)
@click.option("--attempts", type=click.Choice(["best", "last"]), help="Which attempt counts.")
@click.option("--percent-per-day", metavar="N", help="Lost for each day late that has begun.")
@click.option("--percent-of", type=click.Choice(["score", "max"]), help="What the percents are of.")
@click.option("--max-percent", metavar="N", help="The most that lateness costs.")
@click.option("--grace-minutes", type=int, metavar="N", help="So much late is on time.")
@click.option("--max-days", metavar="N|none", help="Later than that is not accepted.")
@click.option("--late-days", type=int, metavar="N", help="A student's bank for the whole course.")
@click.option("--bank-limit", metavar="N|none", help="Of the bank, for one homework.")
@click.option("--file-times/--no-file-times", default=None, help="Trust files' own times too.")
@click.option("--over-max/--no-over-max", default=None, help="Adjustments above the maximum.")
@click.option("--places", type=int, metavar="N", help="Decimals of a grade.")
@click.option("--course", "courses", is_flag=True, help="HOMEWORK shall have nothing of its own.")
@_why
@gradebook_option
def policy(
    homework: str | None, courses: bool, reason: str, gradebook: str, **options: Any
) -> None:
    """Show or change the policy of the course, or what HOMEWORK has of its own.

    What is not named stays: of a homework it is what the course has, now and later.
    """
    from grader.errors import UsageError
    from grader.gradebook.changes import drop_policy, set_policy

    named = {name: value for name, value in options.items() if value is not None}
    for name in ("max_days", "bank_limit"):
        if name in named:
            named[name] = _whole_or_none(name, named[name])
    if courses and (homework is None or named):
        raise UsageError("--course goes with a homework and no other option.")
    with _opened(gradebook, create=bool(named)) as book:
        if courses:
            _said(book, drop_policy(book, str(homework), reason))
        elif named:
            _said(book, set_policy(book, homework, named, reason))
        else:
            _show_policy(book, homework)


def _show_policy(book: Gradebook, homework: str | None) -> None:
    """A line for each value; of a homework those that it has of its own are marked."""
    from grader.gradebook.policy import changed, option_of, policy_to_dict, shown
    from grader.gradebook.sheet import course_policy, own_policy

    own = own_policy(book, homework) if homework is not None else {}
    for name, value in policy_to_dict(changed(course_policy(book), own)).items():
        mark = f"of {homework} itself" if name in own else ""
        click.echo(f"{option_of(name):<16} {shown(value):<6} {mark}".rstrip())


@gradebook_group.command("extend")
@click.argument("homework")
@click.argument("student")
@click.argument("time", required=False)
@click.option("--remove", is_flag=True, help="Take the extension away.")
@_zone
@_reason
@gradebook_option
def extend(
    homework: str,
    student: str,
    time: str | None,
    remove: bool,
    zone: str | None,
    reason: str,
    gradebook: str,
) -> None:
    """Give STUDENT until TIME for HOMEWORK: a time, or +2d, +12h after the due date."""
    from grader.cli.times import parse_time
    from grader.errors import UsageError
    from grader.gradebook import changes
    from grader.gradebook.sheet import homeworks

    if (time is None) != remove:
        raise UsageError(
            "Give a time, or --remove.",
            hint=f'grader gradebook extend {homework} {student} +2d --reason "..."',
        )
    with _opened(gradebook) as book:
        if time is None:
            _said(book, changes.remove_extension(book, homework, student, reason))
            return
        known = homeworks(book).get(homework)
        at = parse_time(time, zone, after=known.due_at if known else None)
        _said(book, changes.extend(book, homework, student, at, reason))


@gradebook_group.command("excuse")
@click.argument("homework")
@click.argument("student")
@click.option("--remove", is_flag=True, help="The homework counts again.")
@_reason
@gradebook_option
def excuse(homework: str, student: str, remove: bool, reason: str, gradebook: str) -> None:
    """HOMEWORK shall not count for STUDENT."""
    from grader.gradebook import changes

    decide = changes.remove_excuse if remove else changes.excuse
    with _opened(gradebook) as book:
        _said(book, decide(book, homework, student, reason))


@gradebook_group.command("adjust", context_settings={"ignore_unknown_options": True})
@click.argument("homework")
@click.argument("student")
@click.argument("points")
@click.option("--set", "put", is_flag=True, help="The grade shall be POINTS.")
@_reason
@gradebook_option
def adjust(
    homework: str, student: str, points: str, put: bool, reason: str, gradebook: str
) -> None:
    """Add POINTS (or take: -2.5) to STUDENT's grade in HOMEWORK, after lateness."""
    from grader.errors import UsageError
    from grader.gradebook import changes

    try:
        value = Decimal(points)
    except InvalidOperation as err:
        raise UsageError(f"{points!r} is no number of points.") from err
    with _opened(gradebook) as book:
        kind = "set" if put else "add"
        _said(book, changes.adjust(book, homework, student, kind, value, reason))


@gradebook_group.command("attempts")
@click.argument("homework")
@click.argument("student", required=False)
@gradebook_option
def attempts(homework: str, student: str | None, gradebook: str) -> None:
    """List every attempt of HOMEWORK, those of regrades that do not count included."""
    from grader.gradebook.words import amount

    with _opened(gradebook) as book:
        every = book.all_attempts(homework, student)
        counting = {attempt.id for attempt in book.attempts(homework, student)}
    rows = [
        (
            str(a.id),
            a.student,
            _shown(a.submitted_at),
            a.handed.time_from,
            _shown(a.graded_at),
            "" if a.score is None else amount(a.score),
            a.status.value + ("" if a.id in counting else f"; regrade {a.regrade}, does not count"),
        )
        for a in every
    ]
    heads = ("Attempt", "Student", "Handed in", "Says", "Graded (UTC)", "Score", "Status")
    echo_table(heads, rows, right={0, 5})


@gradebook_group.command("show")
@click.argument("what", metavar="ATTEMPT|HOMEWORK")
@click.argument("student", required=False)
@click.option("--json", "json_file", metavar="FILE|-", help="The report as JSON (- for stdout).")
@gradebook_option
def show(what: str, student: str | None, json_file: str | None, gradebook: str) -> None:
    """Show the report of ATTEMPT, a number, or of what counts of STUDENT in HOMEWORK.

    `grader gradebook attempts HOMEWORK` lists the numbers. The report is shown as it was made.
    """
    from grader.errors import UsageError

    number = _number(what) if student is None else None
    with _opened(gradebook) as book:
        attempt = _counting(book, what, str(student)) if number is None else number
        report = book.report(attempt)
    if report is None:
        raise UsageError(f"Attempt {attempt} has no report: the grader failed on it.")
    if json_file is not None:
        text = json.dumps(report, indent=2, ensure_ascii=True) + "\n"
        if json_file == "-":
            click.echo(text, nl=False)
        else:
            write_text(Path(json_file), text)
        return
    from grader.cli.check import use_color
    from grader.render.terminal import render_report
    from grader.report.serialise import from_dict

    click.echo(render_report(from_dict(report), color=use_color(False), width=columns() or 100))


def _number(text: str) -> int:
    from grader.errors import UsageError

    if not text.isdecimal() or int(text) > MOST:
        raise UsageError(
            f"{text!r} is no attempt's number.",
            hint=f"Name a homework, too: grader gradebook show HOMEWORK {text}",
        )
    return int(text)


def _counting(book: Gradebook, homework: str, student: str) -> int:
    """The attempt that counts of a student."""
    from grader.cli.grades import refuse_unknown
    from grader.errors import UsageError
    from grader.gradebook.sheet import grade_sheet, homeworks

    lines = grade_sheet(book, homework, [student])
    refuse_unknown(homework, tuple(homeworks(book)), [student], lines)
    grade = lines[0].grade
    if grade.attempt is None:
        raise UsageError(
            f"No attempt of {student} counts in {homework} ({grade.status.value}).",
            hint=f"grader gradebook attempts {homework} {student} lists what there is.",
        )
    return grade.attempt.id


@gradebook_group.command("history")
@click.argument("homework", required=False)
@click.option("--student", metavar="ID", help="Only this student.")
@gradebook_option
def history(homework: str | None, student: str | None, gradebook: str) -> None:
    """List every change of the gradebook, oldest first."""
    from grader.gradebook.changes import history as changes_of

    with _opened(gradebook) as book:
        changes = changes_of(book, homework, student)
    rows = [(str(c.id), _shown(c.made_at), c.made_by, _told(c)) for c in changes]
    echo_table(("Change", "When (UTC)", "By", "What"), rows, right={0})


@gradebook_group.command("undo")
@click.argument("change", type=click.IntRange(1, MOST), required=False)
@gradebook_option
def undo(change: int | None, gradebook: str) -> None:
    """Take CHANGE back, by default the last that still holds."""
    from grader.gradebook.changes import undo as take_back

    with _opened(gradebook) as book:
        taken = take_back(book, change)
    click.echo(f"Undone: change {taken.id}, {_told(replace(taken, undone_at=None, reason=''))}.")


@contextlib.contextmanager
def _opened(place: str, create: bool = False) -> Iterator[Gradebook]:
    from grader.gradebook import open_gradebook

    with open_gradebook(place, create=create) as book:
        yield book


def _said(book: Gradebook, change: int) -> None:
    from grader.gradebook.changes import history as changes_of

    if change == 0:
        click.echo("Nothing changes: the gradebook knows all of it.")
        return
    (made,) = (entry for entry in changes_of(book) if entry.id == change)
    click.echo(
        f"Change {made.id}: {_told(replace(made, reason=''))}. "
        f"Taken back by: grader gradebook undo {made.id}"
    )


def _told(change: Change) -> str:
    """ "extended to ... for ana in hw3: ill (undone ...)"."""
    where = " in ".join(filter(None, (change.student, change.homework)))
    text = f"{change.what} for {where}" if where else change.what
    text += f": {change.reason}" if change.reason else ""
    return f"{text} (undone {_shown(change.undone_at)})" if change.undone_at else text


def _whole_or_none(name: str, text: str) -> int | None:
    from grader.errors import UsageError

    if text == "none":
        return None
    if not text.isdecimal():
        raise UsageError(f"--{name.replace('_', '-')} is a whole number or none, not {text!r}.")
    return int(text)


def _shown(at: datetime | None) -> str:
    return "" if at is None else at.strftime("%Y-%m-%d %H:%M")
