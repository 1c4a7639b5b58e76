"""`--export FORMAT=FILE` of `grader check`: the report in the formats of other tools.

And what keeps a submission's text from being a command where this runs in GitHub Actions.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.options import write_text

if TYPE_CHECKING:
    from grader.export.model import Source
    from grader.report.model import Report
    from grader.submission.model import Submission

# commands of our own with escaped messages; Markdown of entities; base64
_OBEYED_OR_INERT = ("github-annotations", "github-summary", "classroom")

export_option: Callable[..., Any] = click.option(
    "--export",
    "exports",
    multiple=True,
    metavar="FORMAT=FILE",
    help="Write the report in another format, too (`grader export --list`); - for stdout.",
)


@dataclass(frozen=True)
class Export:
    """A format's name and where it goes, "-" for stdout."""

    name: str
    file: str


def parse_exports(values: Sequence[str]) -> list[Export]:
    """The exports asked for; a UsageError before anything is graded where one cannot be."""
    if not values:
        return []
    from grader.errors import UsageError
    from grader.export.table import report_emitter

    parsed = []
    for value in values:
        name, equals, file = value.partition("=")
        if not equals or not file:
            raise UsageError(
                f"--export {value} names no file.", hint="--export gradescope=results.json"
            )
        report_emitter(name)
        parsed.append(Export(name, file))
    return parsed


def write_exports(exports: Sequence[Export], report: Report, source: Source | None) -> None:
    """Write each; where a format refuses a report without a total, no old file is left either.

    Raises NotGraded for the first refusal, once the others are written.
    """
    from grader.export.model import Context, NotGraded
    from grader.export.table import report_emitter

    refused: NotGraded | None = None
    for export in exports:
        context = Context(source=source, environment=os.environ)
        try:
            text = report_emitter(export.name).emit(report, context)
        except NotGraded as err:
            refused = refused or err
            remove_old(export.file)
            continue
        if export.file == "-":
            echo_export(export.name, text)
        else:
            write_text(Path(export.file), text)
    if refused is not None:
        raise refused


def remove_old(file: str | None) -> None:
    """Leave no file with an old score where the total is withheld now; "-" is none."""
    if file not in (None, "-"):
        Path(file).unlink(missing_ok=True)


def source_of(submission: Submission, path: Path) -> Source:
    """The student's file by its path from the repository (in Actions) or from here.

    Of what was handed in as a zip that is the zip: what is inside lies in no repository.
    """
    from grader.export.model import Source

    file = path / submission.source_path if path.is_dir() else path
    text = submission.source if submission.kind == "py" else ""
    return Source(path=shown_path(file), text=text)


def shown_path(file: Path) -> str:
    """`file` as seen from $GITHUB_WORKSPACE or the current folder, with forward slashes."""
    root = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    resolved = file.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else file.name


def in_actions() -> bool:
    """Whether a runner of GitHub Actions reads what is printed."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def say(text: str) -> None:
    """On stderr; the text can hold a submission's, of which a runner of Actions obeys nothing."""
    if in_actions():
        from grader.export.actions import inert

        text = inert(text)
    click.echo(text, err=True)


def echo_export(name: str, text: str) -> None:
    """Print an export; in Actions, so that nothing but the annotations' own commands is obeyed."""
    if not in_actions() or name in _OBEYED_OR_INERT:
        click.echo(text, nl=False)
    elif text.startswith(("{", "[")):
        echo_json(text)
    elif _into_a_file():
        click.echo(text, nl=False)
    else:
        echo_guarded(text)


def _into_a_file() -> bool:
    """Whether stdout is a file, which no runner reads."""
    try:
        return stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def echo_json(text: str) -> None:
    """Print JSON, in Actions without `##[`: the same value, written otherwise."""
    click.echo(text.replace("#[", "#\\u005b") if in_actions() else text, nl=False)


def echo_guarded(text: str) -> None:
    """Print lines that hold a submission's text; a runner of GitHub Actions obeys none of them."""
    if not in_actions():
        click.echo(text)
        return
    from grader.export.actions import new_token, resume_commands, stop_commands

    token = new_token()
    click.echo("\n".join([stop_commands(token), text, resume_commands(token)]))
