"""`grader audit`: whether a homework is fit for release, as a table and as JSON."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.options import course_option, write_text

if TYPE_CHECKING:
    from grader.audit.desk import Effort
    from grader.audit.model import Audit

CHECK_NAMES = (
    "manifest",
    "starter",
    "reference",
    "correct",
    "wrong",
    "times",
    "giveaway",
    "garbage",
    "mutants",
)


ALL = -1


class _Count(click.ParamType):
    """A number from 0, or `all`, which is ALL."""

    name = "N|all"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if value == "all":
            return ALL
        if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()):
            return int(value)
        self.fail(f"{value!r} is neither a number nor 'all'.", param, ctx)


@click.command()
@click.argument("homework", required=False, metavar="[HW]")
@click.option("--all", "every", is_flag=True, help="Audit every homework of the course.")
@click.option("--quick", is_flag=True, help="Few seeds, samples of mutants and garbage.")
@click.option("--mutants", type=_Count(), help="How many mutants to try.  [default: all]")
@click.option("--garbage", type=_Count(), help="How many garbage answers.  [default: all]")
@click.option("--seeds", type=click.IntRange(min=1), help="Seeds for the reference.  [default: 20]")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="The first seed.")
@click.option(
    "--only", type=click.Choice(CHECK_NAMES), multiple=True, help="Only this check; repeatable."
)
@click.option("--jobs", type=click.IntRange(min=0), default=0, help="Judges.  [default: cores]")
@click.option(
    "--device", type=click.Choice(["cpu", "cuda"]), default="cpu", help="Of torch homeworks."
)
@click.option("--json", "json_path", metavar="FILE|-", help="Write the audit as JSON (- stdout).")
@click.option("--no-color", is_flag=True, help="Plain text.")
@course_option
def audit(
    homework: str | None,
    every: bool,
    quick: bool,
    mutants: int | None,
    garbage: int | None,
    seeds: int | None,
    seed: int,
    only: tuple[str, ...],
    jobs: int,
    device: str,
    json_path: str | None,
    no_color: bool,
    course_dir: Path | None,
) -> int:
    """Say whether HW is fit for release.

    Its starter must score 0, correct solutions everything; wrong ones, mutants of the reference and
    garbage must lose points; times must hold; nothing public may give hidden tests away, and each
    test in the files must be in the manifest.

    Exit codes: 0 fit for release, 1 not fit, 2 a mistake in the command, 3 a fault of the course's
    suite or the grader.
    """
    from grader.audit.run import audit as audit_homework
    from grader.course.manifest import find_course
    from grader.errors import CourseError, UsageError

    if (homework is None) != every:
        raise UsageError("Name one homework, or all of them with --all.", hint="grader audit hw3")
    course = find_course(course_dir)
    effort = _effort(quick=quick, mutants=mutants, garbage=garbage, seeds=seeds)
    audits: list[Audit] = []
    broken: list[str] = []
    for name in course.assignments if every else [str(homework)]:
        try:
            with _Progress(name) as progress:
                found = audit_homework(
                    course.assignment(name),
                    effort=effort,
                    only=only,
                    seed=seed,
                    device=device,
                    judges=jobs,
                    tell=progress.tell,
                )
        except CourseError as err:
            if not every:
                raise
            click.echo(f"Error in the course: {err.message}\n", err=True)
            broken.append(name)
            continue
        audits.append(found)
        if json_path != "-":
            _show(found, no_color)
    if json_path is not None:
        _write_json(audits, broken, json_path)
    if every and json_path != "-":
        _show_verdicts(audits, broken)
    return 3 if broken else 0 if all(found.fit for found in audits) else 1


def _effort(*, quick: bool, mutants: int | None, garbage: int | None, seeds: int | None) -> Effort:
    from dataclasses import replace

    from grader.audit.desk import FULL, QUICK

    effort = QUICK if quick else FULL
    if mutants is not None:
        effort = replace(effort, mutants=None if mutants == ALL else mutants)
    if garbage is not None:
        effort = replace(effort, garbage=None if garbage == ALL else garbage)
    if seeds is not None:
        effort = replace(effort, seeds=seeds, bank_seeds=min(seeds, effort.bank_seeds))
    return effort


class _Progress:
    """One line on the terminal that says how far the audit is; taken away at its end."""

    def __init__(self, homework: str) -> None:
        self._homework = homework
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._write("")

    def tell(self, check: str, done: int, total: int) -> None:
        counted = f" {done} of {total}" if total else ""
        self._write(f" {self._homework}: {check}{counted} ...")

    def _write(self, text: str) -> None:
        if self._shown:
            click.echo(f"\r\x1b[K{text}", err=True, nl=False)


def _show(found: Audit, no_color: bool) -> None:
    from grader.cli.check import use_color
    from grader.render.audit import render_audit

    width = shutil.get_terminal_size((100, 24)).columns
    click.echo(render_audit(found, color=use_color(no_color), width=width) + "\n")


def _show_verdicts(audits: list[Audit], broken: list[str]) -> None:
    for name in broken:
        click.echo(f" {name:<8} cannot be audited")
    for found in audits:
        unfit = ", ".join(check.name for check in found.checks if not check.fit)
        click.echo(f" {found.assignment:<8} {f'not fit: {unfit}' if unfit else 'fit for release'}")


def _write_json(audits: list[Audit], broken: list[str], json_path: str) -> None:
    import json

    from grader.audit.model import to_dict

    values = {
        "fit": not broken and all(found.fit for found in audits),
        "broken": broken,
        "audits": [to_dict(found) for found in audits],
    }
    text = json.dumps(values, indent=2, ensure_ascii=True, allow_nan=False) + "\n"
    if json_path == "-":
        click.echo(text, nl=False)
    else:
        write_text(Path(json_path), text)
