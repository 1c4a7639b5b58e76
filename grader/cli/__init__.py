"""The command line: one file a command, each imported only when it is called.

Only this package prints; `main` is the one place where an error becomes output and an exit code.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from typing import Any, NoReturn

import click

from grader import __version__
from grader.errors import GraderError, SubmissionError
from grader.extras import EXTRAS, how_to_install

# name: (module, attribute, one line for --help); read without importing the module
COMMANDS = {
    "check": ("grader.cli.check", "check", "Grade one submission and show what is wrong and why."),
    "batch": ("grader.cli.batch", "batch", "Grade a class into the gradebook; resumes."),
    "regrade": ("grader.cli.regrade", "regrade", "Grade again and show what changes and why."),
    "grades": ("grader.cli.grades", "grades", "Show, explain and write a homework's grades."),
    "gradebook": (
        "grader.cli.gradebook",
        "gradebook_group",
        "Roster, due dates, policies, extensions, excuses, adjustments, undo.",
    ),
    "list": ("grader.cli.list", "list_homeworks", "List the homeworks of the course."),
    "start": ("grader.cli.start", "start", "Copy a homework's starter into your folder."),
    "doctor": ("grader.cli.doctor", "doctor", "Show what this machine can do and what is missing."),
    "export": ("grader.cli.export", "export", "Write results in the formats of other tools."),
    "package": ("grader.cli.package", "package", "Make a homework's package for Gradescope."),
    "seal": ("grader.cli.seal", "seal", "Encrypt a homework's hidden tests for use on CI."),
    "audit": ("grader.cli.audit", "audit", "Say whether a homework is fit for release (authors)."),
    "release": ("grader.cli.release", "release", "Write what students get (authors)."),
    "init": ("grader.cli.init", "init", "Make a new course with one small homework (authors)."),
    "build": ("grader.cli.build", "build", "Generate starters and points tables (authors)."),
    "data": ("grader.cli.data", "data_group", "Fetch and list the data sets of the course."),
}

USAGE, OURS, INTERRUPTED = 2, 3, 130


class _Lazy(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from grader.suggest import did_you_mean

            near = did_you_mean(name, COMMANDS)
            ctx.fail(f"No such command {name!r}. {near}".strip())
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, _, words) in COMMANDS.items()])


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="grader")
def cli() -> None:
    """Grade neural-networks homeworks: the verdict is made where the submission cannot reach.

    Exit codes: 0 all that was asked for holds, 1 graded and points are missing, 2 a mistake in
    the command, 3 a fault of the grader or the course.
    """


def script() -> None:
    """The installed command: `main`, left at once where torch is loaded.

    torch's own teardown takes a while and prints warnings that mean nothing to a student.
    """
    try:
        main()
    except SystemExit as err:
        sys.stdout.flush()
        sys.stderr.flush()
        if "torch" in sys.modules:
            os._exit(err.code if isinstance(err.code, int) else 1)
        raise


def main(args: list[str] | None = None) -> NoReturn:
    """The entry point; never shows a traceback unless GRADER_TRACE is set."""
    try:
        code = cli.main(args=args, prog_name="grader", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Abort:
        click.echo("Interrupted.", err=True)
        sys.exit(INTERRUPTED)
    except KeyboardInterrupt:
        click.echo("Interrupted.", err=True)
        sys.exit(INTERRUPTED)
    except click.ClickException as err:
        err.show()
        if isinstance(err, click.MissingParameter):
            _name_homeworks(err)
        sys.exit(err.exit_code)
    except SubmissionError as err:
        _complain("The submission cannot be graded", err)
        sys.exit(1)
    except GraderError as err:
        _complain(f"Error in {err.whose}" if err.exit_code == OURS else "Error", err)
        sys.exit(err.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(OURS)
    except Exception as err:
        _trace(err)
        package = (getattr(err, "name", None) or "").partition(".")[0]
        if isinstance(err, ModuleNotFoundError) and package in EXTRAS:
            _say(f"Error: this needs {package}, which is not here.\n  {how_to_install(package)}")
            sys.exit(USAGE)
        _say(
            f"Error in the grader: {type(err).__name__}: {err}\n"
            "This is a defect of the grader, not of the submission; no score was given.\n"
            "Set GRADER_TRACE=1 to see where, and report it."
        )
        sys.exit(OURS)


def _name_homeworks(error: click.MissingParameter) -> None:
    """Where a homework is to be named and none was: those that there are, in the course at hand."""
    if error.param is None or error.param.name != "homework":
        return
    from grader.course.manifest import find_course

    folder = error.ctx.params.get("course_dir") if error.ctx else None
    with contextlib.suppress(GraderError):
        _say(f"  Name one of {', '.join(find_course(folder).assignments)}.")


def _complain(heading: str, error: Any) -> None:
    _trace(error)
    _say(f"{heading}: {error.message}" + (f"\n  {error.hint}" if error.hint else ""))


def _say(text: str) -> None:
    from grader.cli.exports import say

    say(text)


def _trace(error: BaseException) -> None:
    if os.environ.get("GRADER_TRACE"):
        import traceback

        traceback.print_exception(error)
