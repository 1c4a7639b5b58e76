"""`grader start`: a homework's starter in the student's folder; never overwrites."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.options import course_option


@click.command()
@click.argument("homework")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--notebook", is_flag=True, help="The notebook instead of the .py file.")
@course_option
def start(homework: str, folder: Path | None, notebook: bool, course_dir: Path | None) -> None:
    """Copy the starter of HOMEWORK into FOLDER (default: a new folder of its name)."""
    from grader.course.manifest import find_course
    from grader.errors import CourseError, UsageError

    assignment = find_course(course_dir).assignment(homework)
    name = f"{assignment.module}.{'ipynb' if notebook else 'py'}"
    source = assignment.folder / name
    if not source.is_file():
        raise CourseError(f"{assignment.id} has no starter {name}.", hint="grader build makes it.")
    target = (folder or Path(homework)) / name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(source.read_bytes())
    except FileExistsError as err:
        raise UsageError(
            f"{target} is there already and was left as it is.",
            hint="Name another folder, or move your file away first.",
        ) from err
    except OSError as err:
        raise UsageError(f"{target} cannot be written: {err.strerror}.") from err
    click.echo(f"{target} is yours now. The handout: {assignment.folder / 'handout.md'}")
    click.echo(f"Check it with: grader check {homework} {target}")
