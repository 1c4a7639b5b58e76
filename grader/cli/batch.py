"""`grader batch`: grade a class into the gradebook, with progress; stopped anywhere, it resumes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.batch_progress import JsonLines, Troubles, counts_of, progress
from grader.cli.options import (
    course_option,
    device_option,
    gradebook_option,
    private_places,
)

if TYPE_CHECKING:
    from grader.batch.jobs import Engine
    from grader.discover.model import Found
    from grader.discover.roster import Person
    from grader.gradebook.book import Gradebook
    from grader.judge.run import Settings

GOES_ON = "\nWhat is graded is in the gradebook; the same command goes on."


@click.command()
@click.argument("homework")
@click.argument("submissions", type=click.Path(path_type=Path, exists=True))
@gradebook_option
@click.option("--roster", type=click.Path(path_type=Path, exists=True), help="CSV of the class.")
@click.option("--judges", type=click.IntRange(min=1), help="Judge processes. Default: one a core.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Seed of the tests' inputs.")
@device_option
@click.option("--engine", type=click.Choice(["local", "dask"]), default="local", show_default=True)
@click.option("--scheduler", metavar="ADDRESS", help="Of a running Dask scheduler (tcp://...).")
@click.option("--json-lines", is_flag=True, help="One JSON object a line on stdout, for machines.")
@course_option
def batch(
    homework: str,
    submissions: Path,
    gradebook: str,
    roster: Path | None,
    judges: int | None,
    seed: int,
    device: str,
    engine: str,
    scheduler: str | None,
    json_lines: bool,
    course_dir: Path | None,
) -> int:
    """Grade every submission of HOMEWORK in SUBMISSIONS, a folder or one zip, into the gradebook.

    The layouts of Canvas, Moodle, Gradescope, GitHub Classroom, Classroom 50 and nbgrader are
    recognised, and a folder for each student. What has a verdict already is not graded again,
    also where the suite has changed since: `grader regrade` does that.
    Exit code 1 where the grader failed on a submission: run the command again.
    """
    import tempfile

    from grader.batch.grading import grade_class
    from grader.batch.misplaced import mark_misplaced
    from grader.cli.device import choose_device
    from grader.course.manifest import find_course
    from grader.course.unlisted import unlisted_notes
    from grader.discover import discover
    from grader.errors import UsageError
    from grader.gradebook import open_gradebook
    from grader.gradebook.words import counted
    from grader.judge.run import Settings

    assignment = find_course(course_dir).assignment(homework)
    settings = Settings(
        assignment=assignment,
        seed=seed,
        device=choose_device(device, assignment),
        private=private_places(submissions, gradebook),
        reuse_workers=True,
    )
    if scheduler and engine != "dask":
        raise UsageError("--scheduler goes with --engine dask.")
    for note in unlisted_notes(assignment):
        click.echo(f"note: {note}", err=True)
    watch = Troubles(JsonLines() if json_lines else progress())
    with (
        tempfile.TemporaryDirectory(prefix="grader-batch-") as work,
        open_gradebook(gradebook) as book,
    ):
        people = known_people(roster, book)
        discovery = discover(submissions, assignment.id, assignment.module, Path(work), people)
        if discovery.inside:
            click.echo(f"note: the submissions lie in {discovery.inside}", err=True)
        for problem in discovery.problems:
            click.echo(f"left out: {problem}", err=True)
        found = assigned(mark_misplaced(assignment, discovery.found), people)
        running = open_engine(engine, settings, judges, scheduler)
        name = f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} from {submissions.resolve()}"
        try:
            tally = grade_class(
                settings, found, book, running, name, watch.done, on_tick=watch.tick
            )
        except KeyboardInterrupt:
            click.echo(GOES_ON, err=True)
            raise
        finally:
            running.close()
    for line in watch.lines():
        click.echo(line, err=True)
    every = counted(tally.total, "submission")
    where = book.name if "://" in gradebook else gradebook
    click.echo(f"{every}: {counts_of(tally) or 'none to grade'}. Gradebook: {where}", err=True)
    if kept := tally.counts["kept"]:
        click.echo(
            f"{kept} {'keeps' if kept == 1 else 'keep'} the verdict of another suite, environment "
            f'or seed.\n  To see what would change: grader regrade {homework} --reason "..."',
            err=True,
        )
    return 1 if tally.counts["error"] else 0


def open_engine(name: str, settings: Settings, judges: int | None, scheduler: str | None) -> Engine:
    """The engine `name`, started."""
    if name == "dask":
        from grader.batch.cluster import ClusterEngine

        return ClusterEngine(settings, scheduler, judges or 0)
    from grader.batch.local import LocalEngine

    return LocalEngine(settings, judges or 0)


def known_people(roster: Path | None, book: Gradebook) -> tuple[Person, ...]:
    """The class: from the CSV, which the gradebook then keeps, else as the gradebook knows it."""
    from grader.discover.roster import Person, read_roster
    from grader.gradebook.changes import import_students
    from grader.gradebook.model import Student

    if roster is not None:
        people = read_roster(roster)
        import_students(book, [Student(**vars(person), enrolled=True) for person in people])
        return people
    return tuple(
        Person(id=s.id, name=s.name, email=s.email, section=s.section, github=s.github)
        for s in book.students()
        if s.enrolled
    )


def assigned(found: Sequence[Found], people: tuple[Person, ...]) -> list[Found]:
    """The submissions under the ids of the class; says whose is unclear and whose is missing."""
    from dataclasses import replace

    from grader.discover.match import match, twice

    everyone = list(found)
    if people:
        matching = match(found, people)
        for one, reason in matching.unmatched:
            click.echo(f"{reason}; graded as {one.student_key!r}", err=True)
        for person in matching.missing:
            click.echo(f"no submission: {person.id} {person.name}".rstrip(), err=True)
        known = [replace(m.found, student_key=m.person.id) for m in matching.matched]
        everyone = [*known, *(one for one, _ in matching.unmatched)]
    for line in twice(everyone):
        click.echo(f"note: {line}", err=True)
    return everyone
