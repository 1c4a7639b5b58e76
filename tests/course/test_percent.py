"""Markers of a solution: those that are wrong are named with their line."""

from pathlib import Path

import pytest

from grader.course.percent import percent_cells, strip_solutions
from grader.errors import CourseError

PATH = Path("reference/hw9/solution.py")


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("def f():\n    # BEGIN SOLUTION a\n    pass\n", 2, "without END SOLUTION"),
        ("x = 1\n# END SOLUTION\n", 2, "END SOLUTION without BEGIN"),
        (
            "def f():\n    # BEGIN SOLUTION a\n    1\n    # BEGIN SOLUTION b\n    2\n",
            4,
            "begun in line 2 is not ended",
        ),
        (
            "def f():\n    # BEGIN SOLUTION a\n    1\n# %%\n    # END SOLUTION\n",
            4,
            "begun in line 2",
        ),
        ("def f():\n    # BEGIN SOLUTION a\n    1\n# END SOLUTION\n", 4, "not indented as BEGIN"),
        ("# BEGIN SOLUTION a\nx = 1\n# END SOLUTION\n", 1, "must lie inside a function"),
        (
            "class A:\n    # BEGIN SOLUTION a\n    x = 1\n    # END SOLUTION\n",
            2,
            "inside a function",
        ),
        ("def f():\n    pass\n# BEGIN SOLUTION a\nx = 1\n# END SOLUTION\n", 3, "inside a function"),
        (
            "def f():\n    x = [\n        # BEGIN SOLUTION a\n        1\n"
            "        # END SOLUTION\n    ]\n",
            3,
            "whole statements",
        ),
        (
            "def f():\n    # BEGIN SOLUTION a\n    if 1:\n        2\n"
            "    # END SOLUTION\n        3\n",
            2,
            "whole statements",
        ),
        (
            "def f():\n    # BEGIN SOLUTION DROP\n    pass\n    # END SOLUTION\n",
            1,
            "whole statements",
        ),
        ("def f():\n    # BEGIN SOLUTION\n    pass\n", 2, "nearly a marker"),
        ("def f():\n    # BEGIN SOLUTION DROP it\n    pass\n", 2, "nearly a marker"),
        ("def f():\n    #BEGIN SOLUTION a\n    pass\n", 2, "nearly a marker"),
        ("def f():\n    # begin solution a\n    pass\n", 2, "nearly a marker"),
        ("def f():\n    # BEGIN-SOLUTION a\n    pass\n", 2, "nearly a marker"),
        ("def f():\n    pass  # BEGIN SOLUTION a\n", 2, "nearly a marker"),
        ("def f():\n    pass\n    # END SOLUTION a\n", 3, "nearly a marker"),
        ("x = 1\n#%%\n", 2, "nearly a marker"),
        ("x = 1\n# %% A title\n", 2, "nearly a marker"),
        ('x = """\n# %%\n"""\n', 2, "comment on a line of its own"),
        ('def f():\n    """\n    # BEGIN SOLUTION a\n    """\n', 3, "comment on a line of its own"),
        ("x = 1\ny = (\n", 2, "not valid Python"),
        ("def f():\n    x\n  y\n", 3, "not valid Python"),
    ],
    ids=range(24),
)
def test_a_wrong_marker_is_named_with_its_line(source, line, words):
    with pytest.raises(CourseError, match=words) as caught:
        strip_solutions(source, PATH)
    assert str(caught.value).startswith(f"reference/hw9/solution.py:{line}: ")


def test_a_solution_in_a_nested_async_function_is_replaced():
    source = (
        "class A:\n    async def f(self):\n        for x in y:\n"
        "            # BEGIN SOLUTION Problem 1: ünï\n            s = '''\nloose\n'''\n"
        "            # END SOLUTION\n"
    )
    assert strip_solutions(source, PATH) == (
        "class A:\n    async def f(self):\n        for x in y:\n"
        '            raise NotImplementedError("Problem 1: ünï")\n'
    )


def test_a_text_without_markers_comes_back():
    source = "# %%\nx = 1\n\n\ny = 2  # solution: none\n"
    assert strip_solutions(source, PATH) == source


def test_a_drop_leaves_no_second_gap():
    source = "x = 1\n\n\n# BEGIN SOLUTION DROP\ny = 2\n# END SOLUTION \n\n\nz = 3\n"
    with pytest.raises(CourseError, match="nearly a marker"):
        strip_solutions(source, PATH)
    assert strip_solutions(source.replace("ON \n", "ON\n"), PATH) == "x = 1\n\n\nz = 3\n"


def test_cells_and_their_kinds():
    text = "import os\n\n# %% [markdown]\n# # T\n#\n\n# %%\n\n# %%\nx = 1\n"
    cells = percent_cells(text, PATH)
    assert [(cell.marker, cell.is_markdown, cell.first_line) for cell in cells] == [
        ("", False, 1),
        ("# %% [markdown]", True, 4),
        ("# %%", False, 10),
    ]


def test_code_in_a_markdown_cell_is_named_with_its_line():
    with pytest.raises(CourseError, match=r"solution\.py:3: a line of a Markdown cell"):
        percent_cells("# %% [markdown]\n# T\nx = 1\n", PATH)
