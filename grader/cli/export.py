"""`grader export`: a report, or a class's grades, in the formats of other tools."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.exports import echo_export, remove_old, say, shown_path
from grader.cli.options import write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.export.model import ClassEmitter, ReportEmitter

MAX_BYTES = 50_000_000


@click.command()
@click.argument("name", metavar="FORMAT", required=False)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path), required=False)
@click.option("-o", "--output", metavar="FILE", help="Where it goes. Default: stdout.")
@click.option(
    "--gradebook",
    "downloaded",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="The file downloaded from Canvas or Moodle that the grades go into.",
)
@click.option("--column", metavar="NAME", help="The column of the grade in that file.")
@click.option(
    "--source",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The student's file, for annotations of its lines.",
)
@click.option("--list", "listed", is_flag=True, help="List the formats.")
def export(
    name: str | None,
    file: Path | None,
    output: str | None,
    downloaded: Path | None,
    column: str | None,
    source: Path | None,
    listed: bool,
) -> None:
    """Write FILE in FORMAT: a report of `check --json`, or the grades of `grades --json`.

    A report goes into gradescope, prairielearn, ctrf, ...; a class's grades into canvas,
    moodle-worksheet, moodle-gradebook, csv or json. `--list` says which there are.
    """
    from grader.errors import UsageError
    from grader.export.model import NotGraded
    from grader.export.table import EMITTERS
    from grader.suggest import did_you_mean

    if listed:
        for of, words in (("report", "Of one report:"), ("class", "Of a class's grades:")):
            click.echo(words)
            for key, emitter in EMITTERS.items():
                if emitter.of == of:
                    click.echo(f"  {key:<19} {emitter.about}")
        return
    if name not in EMITTERS:
        raise UsageError(
            "Name a format." if name is None else f"There is no format {name!r}.",
            hint=f"{did_you_mean(name or '', EMITTERS)}There are: {', '.join(EMITTERS)}.",
        )
    if file is None:
        raise UsageError("Name the file to export.", hint=f"grader export {name} FILE")
    emitter = EMITTERS[name]
    given = {"--gradebook": downloaded, "--column": column, "--source": source}
    _refuse_needless(name, emitter.options, [k for k, v in given.items() if v is not None])
    if emitter.of == "report":
        try:
            text = _of_report(emitter, file, source)
        except NotGraded:
            remove_old(output)
            raise
    else:
        text = _of_class(emitter, file, downloaded, column)
    if output is None or output == "-":
        echo_export(name, text)
    else:
        write_text(Path(output), text)


def _refuse_needless(name: str, taken: Sequence[str], given: Sequence[str]) -> None:
    from grader.errors import UsageError

    for option in given:
        if option not in taken:
            raise UsageError(
                f"{option} does not go with {name}.",
                hint=f"It takes {' and '.join(taken)}." if taken else "It takes no such option.",
            )


def _of_report(emitter: ReportEmitter, file: Path, source: Path | None) -> str:
    from grader.errors import InternalError, UsageError
    from grader.export.model import Context, Source
    from grader.report.serialise import from_dict

    try:
        report = from_dict(json.loads(_read(file)))
    except (ValueError, RecursionError, InternalError) as err:
        raise UsageError(
            f"{file} is no report: {err}", hint="A report is written by: grader check HW --json"
        ) from err
    known = Source(path=shown_path(source), text=_read(source)) if source is not None else None
    return emitter.emit(report, Context(source=known, environment=os.environ))


def _of_class(
    emitter: ClassEmitter, file: Path, downloaded: Path | None, column: str | None
) -> str:
    from grader.export.model import ClassRequest
    from grader.export.rows import read_grades

    grades = read_grades(_read(file))
    request = ClassRequest(
        homework=grades.homework,
        title=grades.title,
        rows=grades.rows,
        downloaded=None if downloaded is None else _read(downloaded),
        column=column,
    )
    exported = emitter.emit(request)
    for note in (*grades.notes, *exported.notes):
        say(note)
    return exported.text


def _read(path: Path) -> str:
    from grader.errors import UsageError

    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as err:
        raise UsageError(f"{path} cannot be read: {err.strerror}.") from err
    if len(content) > MAX_BYTES:
        raise UsageError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise UsageError(
            f"{path} is not encoded in UTF-8.", hint="Save it as UTF-8 (a CSV: as CSV UTF-8)."
        ) from err
