"""`grader check`: grade one submission, show the report, write it as JSON."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.exports import (
    echo_guarded,
    echo_json,
    export_option,
    parse_exports,
    shown_path,
    source_of,
    write_exports,
)
from grader.cli.options import course_option, device_option, write_text
from grader.cli.seal import course_of, level_of, sealed_option

if TYPE_CHECKING:
    from grader.cli.exports import Export
    from grader.judge.run import Settings
    from grader.report.model import Report


@click.command()
@click.argument("homework")
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option(
    "--json", "json_path", metavar="FILE|-", help="Write the report as JSON (- for stdout)."
)
@click.option(
    "--tests",
    type=click.Choice(["public", "hidden", "all"]),
    default="all",
    help="Which tests to run. Default: those present.",
)
@export_option
@click.option("--problem", "problems", multiple=True, metavar="ID", help="Only this problem (3.2).")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Seed of the tests' inputs.")
@device_option
@click.option(
    "--debug", is_flag=True, help="In this process: prints show, pdb works; public tests."
)
@click.option(
    "--require-isolation",
    type=click.IntRange(0, 3),
    metavar="N",
    help="Refuse below this isolation level. Default: 2 where hidden tests run.",
)
@course_option
@sealed_option
@click.option(
    "--reveal",
    is_flag=True,
    help="Show output and messages of hidden tests, and where a test itself failed (instructors).",
)
@click.option("--no-color", is_flag=True, help="Plain text.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 also where points are missing.")
def check(
    homework: str,
    path: Path,
    json_path: str | None,
    tests: str,
    problems: tuple[str, ...],
    seed: int,
    device: str,
    debug: bool,
    require_isolation: int | None,
    course_dir: Path | None,
    reveal: bool,
    no_color: bool,
    exit_zero: bool,
    exports: tuple[str, ...],
    sealed: Path | None,
) -> int:
    """Grade the submission at PATH for HOMEWORK.

    PATH is a .py, a .ipynb, a folder or a zip; by default the current folder.
    """
    from grader.cli.device import choose_device
    from grader.cli.progress import progress
    from grader.course.names import note_on_other_homework
    from grader.judge.run import Settings, grade, selected_entries
    from grader.submission import load_submission

    wanted = parse_exports(exports)
    level = level_of(sealed, require_isolation, debug)
    with course_of(homework, course_dir, sealed) as course:
        assignment = course.assignment(homework)
        chosen = choose_device(device, assignment)
        settings = Settings(
            assignment=assignment,
            tests="public" if debug else tests,
            problems=problems,
            seed=seed,
            device=chosen,
            # a worker on a GPU is a process exec'd and a CUDA context: one for all tests
            reuse_workers=chosen != "cpu",
            require_isolation=level,
            reveal=reveal,
            debug=debug,
        )
        entries, _ = selected_entries(settings)
        with _written_if_unreadable(wanted, json_path, settings, path):
            submission = load_submission(
                path.resolve(),
                assignment.module,
                assignment.folder,
                own_folder=True,
                # who has the hidden tests has other files than the submission's beside it, too
                data=all(entry.visibility == "public" for entry in entries),
                private=assignment.reference and assignment.reference.parent,
            )
        # what the code prints and pdb asks would be written over the line
        line = contextlib.nullcontext() if debug else progress(len(entries))
        with line as on_start:
            report = grade(settings, submission, on_start)
    note = note_on_other_homework(assignment, submission.source_name, shown_path(path))
    notes = report.notes if note is None else (note, *report.notes)
    report = replace(report, file=submission.shown_file(shown_path(path)), notes=notes)
    _write_json(report, json_path)
    if json_path != "-":
        from grader.render.terminal import render_report

        width = shutil.get_terminal_size((100, 24)).columns
        echo_guarded(render_report(report, color=use_color(no_color), width=width))
    write_exports(wanted, report, source_of(submission, path))
    if report.score is None:
        return 3
    full = bool(report.tests) and report.score == report.max_score
    return 0 if exit_zero or full else 1


@contextlib.contextmanager
def _written_if_unreadable(
    exports: list[Export], json_path: str | None, settings: Settings, path: Path
) -> Iterator[None]:
    """A file that cannot be read is a result as well, of 0 points, for whoever reads exports.

    A path to nothing is none: it is a mistake in the command.
    """
    from grader.errors import NothingThereError, SubmissionError, UsageError

    try:
        yield
    except NothingThereError as err:
        raise UsageError(err.message, err.hint) from err
    except SubmissionError as err:
        if exports or json_path is not None:
            from grader.judge.backend import open_backend
            from grader.judge.run import ungraded

            with contextlib.closing(open_backend(settings)) as backend:
                report = ungraded(settings, path.resolve().name, err, backend)
            _write_json(report, json_path)
            write_exports(exports, report, None)
        raise


def _write_json(report: Report, json_path: str | None) -> None:
    """Write the report where `--json` says, if it does."""
    from grader.report.serialise import to_json

    if json_path == "-":
        echo_json(to_json(report))
    elif json_path is not None:
        write_text(Path(json_path), to_json(report))


def use_color(no_color: bool) -> bool:
    """Colour on a terminal unless it is refused (see no-color.org)."""
    return not no_color and "NO_COLOR" not in os.environ and sys.stdout.isatty()
