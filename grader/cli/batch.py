"""`grader batch`: grade a class into the gradebook, with progress; stopped anywhere, it resumes."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.options import course_option, device_option, gradebook_option

if TYPE_CHECKING:
    from grader.batch.grading import Event, Tally
    from grader.batch.jobs import Engine
    from grader.discover.model import Discovery, Found
    from grader.discover.roster import Person
    from grader.gradebook.book import Gradebook
    from grader.judge.run import Settings

GOES_ON = "\nWhat is graded is in the gradebook; the same command goes on."
Show = Callable[["Event", "Tally"], None]


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
    from grader.cli.device import choose_device
    from grader.course.manifest import find_course
    from grader.discover import discover
    from grader.errors import UsageError
    from grader.gradebook import open_gradebook
    from grader.judge.run import Settings

    assignment = find_course(course_dir).assignment(homework)
    settings = Settings(
        assignment=assignment,
        seed=seed,
        device=choose_device(device, assignment),
        reuse_workers=True,
    )
    if scheduler and engine != "dask":
        raise UsageError("--scheduler goes with --engine dask.")
    show = _json_line if json_lines else progress()
    with (
        tempfile.TemporaryDirectory(prefix="grader-batch-") as work,
        open_gradebook(gradebook) as book,
    ):
        discovery = discover(submissions, assignment.id, assignment.module, Path(work))
        found = assigned(discovery, known_people(roster, book))
        for problem in discovery.problems:
            click.echo(f"left out: {problem}", err=True)
        running = open_engine(engine, settings, judges, scheduler)
        name = f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} from {submissions.resolve()}"
        try:
            tally = grade_class(settings, found, book, running, name, show)
        except KeyboardInterrupt:
            click.echo(GOES_ON, err=True)
            raise
        finally:
            running.close()
    counts = ", ".join(f"{count} {how}" for how, count in sorted(tally.counts.items()))
    click.echo(f"{tally.total} submissions: {counts or 'none'}. Gradebook: {gradebook}", err=True)
    if tally.counts["kept"]:
        click.echo(
            f"{tally.counts['kept']} keep the verdict of another suite, environment or seed.\n"
            f'  To see what would change: grader regrade {homework} --reason "..."',
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


def assigned(discovery: Discovery, people: tuple[Person, ...]) -> list[Found]:
    """The submissions under the ids of the class; says whose is unknown and whose is missing."""
    from dataclasses import replace

    from grader.discover.match import match

    if not people:
        return list(discovery.found)
    matching = match(discovery.found, people)
    for found, reason in matching.unmatched:
        click.echo(f"not in the roster: {found.student_key} ({reason}); graded as that", err=True)
    for person in matching.missing:
        click.echo(f"no submission: {person.id} {person.name}".rstrip(), err=True)
    known = [replace(m.found, student_key=m.person.id) for m in matching.matched]
    return [*known, *(found for found, _ in matching.unmatched)]


def progress() -> Show:
    """A bar on a terminal, a line now and then elsewhere; always on stderr."""
    return _Bar() if sys.stderr.isatty() else _Lines()


class _Bar:
    WIDTH = 30

    def __call__(self, event: Event, tally: Tally) -> None:
        if event.how == "error":
            sys.stderr.write(f"\r\x1b[K{event.student}: {event.error}\n")
        full = self.WIDTH * tally.done // max(tally.total, 1)
        bar = "█" * full + "░" * (self.WIDTH - full)
        sys.stderr.write(f"\r\x1b[K{bar} {status_line(tally)}")
        if tally.done == tally.total:
            sys.stderr.write("\n")
        sys.stderr.flush()


class _Lines:
    EVERY_S = 5.0

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, event: Event, tally: Tally) -> None:
        if event.how == "error":
            click.echo(f"{event.student}: {event.error}", err=True)
        if tally.done == tally.total or time.monotonic() - self._last > self.EVERY_S:
            self._last = time.monotonic()
            click.echo(status_line(tally), err=True)


def status_line(tally: Tally) -> str:
    """ "120/300  24.1/s  7 s left  118 graded, 2 unreadable"."""
    counts = ", ".join(f"{count} {how}" for how, count in sorted(tally.counts.items()))
    left = "" if tally.left_s is None else f"  {tally.left_s:.0f} s left"
    return f"{tally.done}/{tally.total}  {tally.rate:.1f}/s{left}  {counts}"


def _json_line(event: Event, tally: Tally) -> None:
    line = {
        "student": event.student,
        "how": event.how,
        "score": event.score,
        "max_score": event.max_score,
        "duration_s": event.duration_s,
        "error": event.error,
        "done": tally.done,
        "total": tally.total,
    }
    click.echo(json.dumps(line))
