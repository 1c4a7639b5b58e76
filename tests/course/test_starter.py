"""Starters and tables: what students get holds no solution, and always the same bytes."""

import ast
import json
import warnings

import nbformat
import pytest
from click.testing import CliRunner

from grader.cli.build import build as build_command
from grader.course import starter
from grader.course.manifest import find_course
from grader.errors import CourseError, UsageError

STARTER = '''\
# %% [markdown]
# # A small homework
#
# With *Markdown* and ∇.

# %%
"""A small homework."""

import numpy as np


# %%
class Adder:
    """Adds."""

    def add(self, a, b):
        """a + b."""
        raise NotImplementedError("Problem 9.1: Adder.add")

    def given(self):
        """Stays as it is."""
        return 1


def add(a, b):
    """a + b, or "b" alone."""
    if a is None:
        raise NotImplementedError("Problem 9.1: \\"add\\"")
    raise NotImplementedError("Problem 9.1: add")


# %% [markdown]
# q1: a letter.

# %%
quiz_answers = {
}
'''

TABLE = """\
| Problem | Title | Public tests | Hidden tests | Points |
| --- | --- | ---: | ---: | ---: |
| 9.1 | Sums \\| differences | 2 | 4.75 | 6.75 |
| 9.2 | Quiz | 0 | 10 | 10 |
| | **Total** | 2 | 14.75 | 16.75 |
"""


def test_the_python_starter_is_the_solution_without_its_solutions(homework):
    assert starter.starter_py(homework) == STARTER


def test_the_notebook_holds_the_same_cells(homework):
    text = starter.starter_ipynb(homework)
    notebook = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nbformat.validate(notebook)
    assert nbformat.writes(notebook) + "\n" == text
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds == ["markdown", "code", "code", "markdown", "code"]
    assert notebook.cells[0].source == "# A small homework\n\nWith *Markdown* and ∇."
    assert notebook.cells[1].source == '"""A small homework."""\n\nimport numpy as np'
    assert notebook.cells[4].source == "quiz_answers = {\n}"
    assert [cell.id for cell in notebook.cells] == [f"hw9-0{n}" for n in range(1, 6)]
    assert all(cell.outputs == [] for cell in notebook.cells if cell.cell_type == "code")
    assert notebook.metadata.kernelspec.name == "python3"
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert ast.dump(ast.parse(code)) == ast.dump(ast.parse(STARTER))


def test_no_trace_of_a_solution_remains(homework):
    for text in (starter.starter_py(homework), starter.starter_ipynb(homework)):
        for trace in ("secret", "total", "SOLUTION", "41", '"b",', "Adder()"):
            assert trace not in text


def test_the_table_of_points(homework):
    assert starter.points_table(homework) == TABLE


def test_build_writes_what_changed_and_no_more(homework):
    handout = homework.folder / "handout.md"
    every = [homework.folder / "hw9.py", homework.folder / "hw9.ipynb", handout]
    assert starter.build(homework, check=True) == every
    assert not every[0].exists()
    assert starter.build(homework) == every
    contents = [path.read_bytes() for path in every]
    assert contents[0] == STARTER.encode()
    assert contents[2].decode() == (
        f"# A small homework\n\n<!-- points:begin -->\n{TABLE}<!-- points:end -->\n\nThe end.\n"
    )
    assert starter.build(homework) == starter.build(homework, check=True) == []
    every[0].write_bytes(contents[0].replace(b"\n", b"\r\n"))
    assert starter.build(homework) == every[:1]
    assert [path.read_bytes() for path in every] == contents


def test_a_handout_may_be_missing_but_not_its_markers(homework):
    handout = homework.folder / "handout.md"
    assert starter.write_handout_table(homework)
    assert not starter.write_handout_table(homework)
    text = handout.read_text()
    begin, end = "<!-- points:begin -->", "<!-- points:end -->"
    for wrong in ("", end + begin, begin, text + begin, text + end, end + text):
        handout.write_text(wrong)
        with pytest.raises(CourseError, match="must hold <!-- points:begin -->"):
            starter.build(homework)
    handout.unlink()
    assert len(starter.build(homework)) == 2


def test_a_course_without_solutions_builds_nothing(course_folder):
    (course_folder / "reference/hw9/solution.py").unlink()
    with pytest.raises(CourseError, match=r"solution\.py cannot be read"):
        starter.build(find_course(course_folder).assignment("hw9"))
    (course_folder / "reference/hw9").rmdir()
    with pytest.raises(CourseError, match="no reference/hw9 here"):
        starter.build(find_course(course_folder).assignment("hw9"))


def test_the_command(course_folder):
    def run(*arguments):
        return CliRunner().invoke(build_command, [*arguments, "--course", str(course_folder)])

    stale = run("hw9", "--check")
    assert stale.exit_code == 1
    assert "out of date: assignments/hw9/hw9.py\n" in stale.output
    written = run("--all")
    assert written.exit_code == 0
    assert "written: assignments/hw9/hw9.ipynb\n" in written.output
    fresh = run("hw9", "--check")
    assert (fresh.exit_code, fresh.output) == (0, "Everything is up to date.\n")
    for wrong in (run(), run("hw9", "--all"), run("hw7")):
        assert isinstance(wrong.exception, UsageError)
    notebook = json.loads((course_folder / "assignments/hw9/hw9.ipynb").read_text())
    assert notebook["nbformat"] == 4
