"""IPython's syntax goes, Python's own stays, every line keeps its number."""

import ast
import inspect
import io
import random
import textwrap
import time
import tokenize
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.submission.ipython import plain_python, without_kernel_calls


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("!pip install torch", "pass"),
        ("if x:\n    !ls\n\t%cd ..", "if x:\n    pass\n\tpass"),
        ("files = !ls", "files = None"),
        ("a, b = !ls", "a = b = None"),
        ("a , = %sx ls", "a = None"),
        ("  x.y = %timeit -o f()", "x.y = None"),
        ("d['k'] =!ls", "d['k'] = None"),
        ("?x", "pass"),
        ("??x", "pass"),
        ("np.sin?", "pass"),
        ("np.sin??", "pass"),
        ("%timeit?", "pass"),
        ("x = 1\nfor i in y:\n    i.k?", "x = 1\nfor i in y:\n    pass"),
        ("%time y = train(x)", "y = train(x)"),
        ("%time y = train(x,\n  3)", "y = train(x,\n  3)"),
        ("%time", "pass"),
        ("%timeit f(x)", "pass"),
        ("!echo it's\nx = 1", "pass\nx = 1"),
        ("!echo (\n%cd '''\nx = 1", "pass\npass\nx = 1"),
        ("!pip install \\\n  a \\\n  b\nx = 1", "pass\n\n\nx = 1"),
        ("x = !ls \\\n  -l\ny = 1", "x = None\n\ny = 1"),
        ("    x = 1\n    if x:\n        y = 2", "x = 1\nif x:\n    y = 2"),
        ("get_ipython().run_line_magic('matplotlib', 'inline')", "pass"),
        ("\n\n%%time\nx = 1", "\n\n\nx = 1"),
        ("%%capture out\n%%time\n%cd\nx = 1", "\n\npass\nx = 1"),
        ("# first\n%%time\nx = 1", "# first\npass\nx = 1"),
    ],
)
def test_ipython_becomes_python(cell, plain):
    result = plain_python(cell)
    assert result.source == plain
    assert cell.count("\n") == plain.count("\n")
    assert result.notes or cell.startswith("    x")


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "x = '''\n%not a magic\n!nor this\nwhat?\n'''",
        'x = """a\\"""\n%still inside\n"""\n',
        "x = (a\n% b)",
        "x = [\n  # ) not a bracket\n  1\n% 2]",
        "x = a \\\n% b",
        "x = 'a\\\n%b'",
        "x != y\nx %= y\nassert x != (y % z)",
        "y = x if x else 'why?'\n# why?\nz = 1  # what?",
        "print('%d' % 3, 'a ! b')",
        "x = f'{a!r} {b:%d}'",
        "lambda: 0\nx = {'a': 1\n% 2\n}",
        "    # indented comment\nif x:\n    y = 1",
        "r'\\'\n" + "x = r'a\\'b'\n",
        "def f(a, *, b=1):\n    return a % b",
    ],
)
def test_python_is_left_alone(cell):
    result = plain_python(cell)
    assert result.source == cell
    assert result.notes == []


@pytest.mark.parametrize(
    "magic",
    ["bash", "sh", "html", "javascript", "writefile a.py", "R", "timeit", "cython", "unknown", ""],
)
def test_cells_for_other_programs_are_skipped(magic):
    result = plain_python(f"%%{magic}\nx = 1")
    assert result.source is None
    assert result.notes == [(1, f"the cell was skipped: %%{magic}")]


def test_notes_name_the_line_and_what_became_of_it():
    cell = "x = 1\n  \n%cd ..\ny = !ls\n%time z = 2"
    assert plain_python(cell).notes == [
        (3, "ignored: %cd .."),
        (4, "replaced by None: y = !ls"),
        (5, "run without %time: %time z = 2"),
    ]


def test_an_exported_notebook_loses_only_its_kernel_calls():
    source = textwrap.dedent(
        """\
        get_ipython().run_line_magic('matplotlib', 'inline')
        x = get_ipython().getoutput('ls')
        text = '''
        get_ipython().system('ls')
        '''
        if x:
            get_ipython().system('pip install (')
        y = x !ls
        """
    )
    result = without_kernel_calls(source)
    assert result.source == (
        "pass\nx = None\ntext = '''\nget_ipython().system('ls')\n'''\nif x:\n    pass\ny = x !ls\n"
    )
    assert [line for line, _ in result.notes] == [1, 2, 7]


def test_a_kernel_call_over_several_lines_is_left_to_fail():
    source = "get_ipython().run_cell_magic(\n'time', '')\n"
    assert without_kernel_calls(source).source == source


@pytest.mark.parametrize("module", [ast, inspect, tokenize, typing, random, textwrap, io])
def test_the_standard_library_comes_back_unchanged(module):
    source = inspect.getsource(module)
    assert plain_python(source).source == source
    assert plain_python(source).notes == []


python_lines = st.lists(
    st.sampled_from(
        [
            "x = 1", "'''", '"""', "'", '"', "\\", "(", ")", "[", "]", "{", "}", "# it's",
            "%d", "!ls", "a?", "x = !ls", "x =% y", "x = a % b", "    %m", "    y = 2", "if x:",
            "f'{a!r}'", "r'\\'", "'a\\", "x = (", "%%time", "%time x = 1", "  ", "? ", "\\'", "''",
        ]
    ),
    max_size=8,
)  # fmt: skip


@given(python_lines.map("\n".join))
def test_valid_python_is_never_touched(cell):
    result = plain_python(cell)
    try:
        ast.parse(cell)
    except (SyntaxError, ValueError):
        assert result.source is None or result.source.count("\n") == cell.count("\n")
    else:
        assert (result.source, result.notes) == (cell, [])


@given(st.text(max_size=80))
def test_any_text_keeps_its_number_of_lines(cell):
    result = plain_python(cell)
    assert result.source is None or result.source.count("\n") == cell.count("\n")


@pytest.mark.parametrize(
    "line",
    ["a" + " " * 500_000 + "b !", "a," * 250_000 + " !", "a " * 250_000 + "%", "'\\" * 250_000,
     " " * 500_000 + "?", "x" * 500_000 + " ? ;" * 10 + "y", "(" * 500_000, "a[" * 250_000 + "!",
     "%time" + " " * 500_000, "'" * 500_001, "a" * 500_000 + "=%"],
    ids=range(11),
)  # fmt: skip
def test_no_line_takes_long(line):
    started = time.process_time()
    plain_python(line)
    assert time.process_time() - started < 1.5
