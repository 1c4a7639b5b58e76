"""`grader regrade`: grade a class again, show what would change and why, then let it count."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.options import (
    course_option,
    device_option,
    gradebook_option,
    private_places,
)

if TYPE_CHECKING:
    from grader.gradebook.book import Gradebook
    from grader.gradebook.regrades import Regrade
    from grader.judge.run import Settings

PLACE = " from "  # in a batch's name, before where it found the submissions


@click.command()
@click.argument("homework")
@click.argument("submissions", type=click.Path(path_type=Path), required=False)
@click.option("--reason", default="", help="Why; it stays in the history. Needed to begin.")
@click.option("--student", "students", multiple=True, metavar="ID", help="Only these students.")
@click.option("--apply", "apply_it", is_flag=True, help="Let the staged regrade count.")
@click.option("--drop", is_flag=True, help="Give the staged regrade up.")
@gradebook_option
@click.option("--judges", type=click.IntRange(min=1), help="Judge processes. Default: one a core.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Seed of the tests' inputs.")
@device_option
@course_option
def regrade(
    homework: str,
    submissions: Path | None,
    reason: str,
    students: tuple[str, ...],
    apply_it: bool,
    drop: bool,
    gradebook: str,
    judges: int | None,
    seed: int,
    device: str,
    course_dir: Path | None,
) -> int:
    """Grade SUBMISSIONS of HOMEWORK again beside what counts, and show what would change.

    SUBMISSIONS is by default where the last batch found them. Nothing counts until --apply;
    interrupted, the same command goes on. `grader gradebook undo` takes an applied one back.
    """
    from grader.cli.device import choose_device
    from grader.course.manifest import find_course
    from grader.errors import UsageError
    from grader.gradebook import open_gradebook
    from grader.judge.run import Settings

    if apply_it and drop:
        raise UsageError("--apply and --drop exclude each other.")
    assignment = find_course(course_dir).assignment(homework)
    with open_gradebook(gradebook) as book:
        if apply_it or drop:
            _decide(book, homework, apply_it)
            return 0
        where = submissions or _last_place(book, homework)
        settings = Settings(
            assignment=assignment,
            seed=seed,
            device=choose_device(device, assignment),
            private=private_places(where, gradebook),
            reuse_workers=True,
        )
        failed = _grade_again(book, settings, where, reason, students, judges)
    return 1 if failed else 0


def _decide(book: Gradebook, homework: str, apply_it: bool) -> None:
    from grader.errors import UsageError
    from grader.gradebook.regrades import apply_regrade, drop_regrade

    staged = _staged(book, homework)
    if staged is None:
        raise UsageError(f"No regrade of {homework} is staged.")
    if not apply_it:
        drop_regrade(book, staged)
        click.echo(f"Regrade {staged.id} is dropped; nothing has changed.")
        return
    _show(book, staged)
    change = apply_regrade(book, staged)
    click.echo(f"Regrade {staged.id} counts now; `grader gradebook undo {change}` takes it back.")


def _staged(book: Gradebook, homework: str) -> Regrade | None:
    from grader.gradebook.regrades import regrades

    return next(iter(regrades(book, homework, "staged")), None)


def _last_place(book: Gradebook, homework: str) -> Path:
    """Where the last batch of the homework found its submissions."""
    from grader.errors import UsageError

    batches = [a.batch for a in book.attempts(homework) if PLACE in a.batch]
    if not batches:
        raise UsageError(
            f"The gradebook does not say where the submissions of {homework} are.",
            hint=f"Name the folder: grader regrade {homework} SUBMISSIONS --reason ...",
        )
    return Path(max(batches).split(PLACE, 1)[1])


def _grade_again(
    book: Gradebook,
    settings: Settings,
    where: Path,
    reason: str,
    students: tuple[str, ...],
    judges: int | None,
) -> bool:
    """Grade beside what counts, show what would change; whether the grader failed on any."""
    from grader.batch.grading import grade_class
    from grader.batch.misplaced import mark_misplaced
    from grader.cli.batch import GOES_ON, assigned, known_people, open_engine
    from grader.cli.batch_progress import Troubles, progress
    from grader.discover import discover
    from grader.gradebook.regrades import start_regrade

    homework = settings.assignment.id
    with tempfile.TemporaryDirectory(prefix="grader-regrade-") as work:
        people = known_people(None, book)
        discovery = discover(where, homework, settings.assignment.module, Path(work), people)
        found = assigned(mark_misplaced(settings.assignment, discovery.found), people)
        if students:
            found = [one for one in found if one.student_key in students]
        staged = _staged(book, homework) or start_regrade(book, homework, reason)
        engine = open_engine("local", settings, judges, None)
        watch = Troubles(progress())
        try:
            name = f"regrade {staged.id}{PLACE}{where.resolve()}"
            tally = grade_class(
                settings,
                found,
                book,
                engine,
                name,
                watch.done,
                on_tick=watch.tick,
                regrade=staged.id,
            )
        except KeyboardInterrupt:
            click.echo(GOES_ON, err=True)
            raise
        finally:
            engine.close()
    _show(book, staged)
    click.echo(f"Nothing counts yet: grader regrade {homework} --apply (or --drop).")
    return tally.counts["error"] > 0


def _show(book: Gradebook, staged: Regrade) -> None:
    """What the staged regrade changes, and how many it has graded."""
    from grader.batch.comparing import changes
    from grader.cli.table import page_of_stdout
    from grader.gradebook.regrades import pairs
    from grader.render.regrade import render_changes

    click.echo(render_changes(changes(book, staged), len(pairs(book, staged)), page_of_stdout()))
