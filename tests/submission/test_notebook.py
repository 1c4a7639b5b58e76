"""Notebooks: what is read of them, and that nothing in one can do more than be refused."""

import copy
import json
import subprocess
import sys
import time
import warnings

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import SubmissionError
from grader.submission import limits
from grader.submission.listing import Notes
from grader.submission.model import Cell
from grader.submission.notebook import read_notebook


def read(data):
    notes = Notes()
    if not isinstance(data, bytes):
        data = json.dumps(data).encode()
    return read_notebook(data, "hw3.ipynb", notes), notes.all()


def code(source, **more):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], **more}


def book(*cells, **more):
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more}


def test_only_code_cells_are_taken_and_all_are_counted():
    cells, notes = read(
        book(
            {"cell_type": "markdown", "source": "# Title"},
            code(["a = 1\n", "b = 2"]),
            code(""),
            code("%%bash\nrm -rf /"),
            {"cell_type": "raw", "source": ["x"]},
            code("%cd ..\r\nc = 3\n"),
        )
    )
    assert cells == (Cell("a = 1\nb = 2\n", 1, 1), Cell("pass\nc = 3\n", 4, 3))
    assert notes == (
        "code cell 3, line 1, the cell was skipped: %%bash",
        "code cell 4, line 1, ignored: %cd ..",
    )


def test_the_byte_order_mark_of_an_editor_is_taken():
    assert read(b"\xef\xbb\xbf" + json.dumps(book(code("x"))).encode())[0][0].source == "x\n"


def test_metadata_and_outputs_of_any_type_do_not_matter():
    hostile = [None, 5, "x", [[]], {"kernelspec": 7}, {"language_info": {"name": []}}]
    for value in hostile:
        data = book(code("x = 1", outputs=value, metadata=value, id=value), metadata=value)
        assert read(data)[0] == (Cell("x = 1\n", 1, 1),)


OLD = {
    1: {"nbformat": 1, "cells": [{"cell_type": "code", "code": "x = 1"}]},
    2: {
        "nbformat": 2,
        "worksheets": [{"cells": [{"cell_type": "code", "input": ["x = ", "1"], "outputs": 3}]}],
    },
    3: {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": "old"},
        "worksheets": [
            {"cells": [{"cell_type": "heading", "source": "T", "level": 1}]},
            {"cells": [{"cell_type": "code", "input": "x = 1", "language": "python"}]},
        ],
    },
}


@pytest.mark.parametrize("version", OLD)
def test_old_versions_are_read(version):
    assert read(OLD[version])[0] == (Cell("x = 1\n", 1, 1),)


def test_what_the_library_writes_is_read():
    written = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("x = 1\ny = 2"), nbformat.v4.new_markdown_cell("z")]
    )
    assert read(nbformat.writes(written).encode())[0] == (Cell("x = 1\ny = 2\n", 1, 1),)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"x = 1", "not JSON at line 1"),
        (b"\xff\xfe{}", "is not UTF-8"),
        (b"[" * 100_000, "is no"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "is no usable notebook"),
        (b'{"nbformat": ' + b"9" * 5000 + b"}", "is no usable notebook"),
        (b'{"nbformat": NaN}', "of a known version"),
        (b"3", "is no notebook"),
        (b"[]", "is no notebook"),
        (b"{}", "of a known version"),
        (book(nbformat=5), "of a known version"),
        (book(nbformat=True), "of a known version"),
        (book(nbformat="4"), "of a known version"),
        (book(nbformat=[[4]]), "of a known version"),
        (book(cells=None), "`cells` are not a list"),
        (book(cells={"0": 1}), "`cells` are not a list"),
        (book(3), "`cells` are not a list"),
        (book({}), "a cell of no kind"),
        (book({"cell_type": ["code"]}), "a cell of no kind"),
        (book(code(None)), "a code cell without text"),
        (book(code(["a", 3])), "a code cell without text"),
        (book(code({"a": "b"})), "a code cell without text"),
        (book(code("x = '\0'")), "null character in line 1"),
        (book(code("x = 1\ny = '\ud800'")), "half a character in line 2"),
        (book(), "holds no code cell"),
        (book({"cell_type": "markdown", "source": "x"}), "holds no code cell"),
        ({"nbformat": 3, "worksheets": [3]}, "`worksheets` are not a list"),
        ({"nbformat": 3, "worksheets": [{"cells": 3}]}, "`cells` are not a list"),
        ({"nbformat": 3, "worksheets": [{"cells": [code(0, input=[0])]}]}, "without text"),
        (book(*[code("x")] * (limits.CODE_CELLS + 1)), "more than 2000 code cells"),
        (book(code("#" * limits.SOURCE_BYTES), code("x")), "1 MiB of code"),
        (b"[" * (limits.JSON_CONTAINERS + 1), "too large"),
        (b" " * (limits.NOTEBOOK_BYTES + 1), "larger than 20 MiB"),
    ],
    ids=range(34),
)
def test_every_fault_is_the_submissions_and_said(data, words):
    with pytest.raises(SubmissionError, match=words) as caught:
        read(data)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
SAMPLES = [book(code("x = 1"), {"cell_type": "markdown", "source": "y"}), OLD[1], OLD[2], OLD[3]]


@given(st.sampled_from(SAMPLES), st.data())
@settings(max_examples=150, deadline=None)
def test_a_notebook_with_anything_anywhere_is_read_or_refused(sample, data):
    table = copy.deepcopy(sample)
    place, key = table, data.draw(st.sampled_from(sorted(table)))
    while isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
        place = place[key]
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(list(keys)))
    place[key] = data.draw(json_values)
    try:
        cells, _ = read(table)
    except SubmissionError:
        return
    assert all(isinstance(cell.source, str) for cell in cells)


def test_a_large_notebook_is_read_in_seconds():
    picture = {"data": {"image/png": "iVBORw0KGgo" * 150_000}}
    data = book(*[code("x = 1\n" * 20, outputs=[picture]) for _ in range(10)])
    started = time.perf_counter()
    assert len(read(data)[0]) == 10
    assert time.perf_counter() - started < 3


@pytest.mark.parametrize("version", OLD)
def test_old_versions_are_read_as_the_formats_library_upgrades_them(version):
    source = "code" if version == 1 else "input"
    table = copy.deepcopy(OLD[version])
    for cell in (table if version == 1 else table["worksheets"][-1])["cells"]:
        cell.update({source: "a = 1\n\nb = 2", "outputs": [], "collapsed": False, "metadata": {}})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the library says of the cells' missing ids
        upgraded = nbformat.convert(nbformat.from_dict({"metadata": {}, **table}), 4)
    assert read(table) == read(upgraded)


@pytest.mark.parametrize(
    "data",
    [
        {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ""}] * 450_000}]},
        {"nbformat": 1, "cells": [{"cell_type": "code", "code": ""}] * 450_000},
        {"nbformat": 3, "worksheets": [{"cells": [code("", input="x" * 100_000)] * 190}]},
    ],
    ids=["cells of version 3", "cells of version 1", "code of version 3"],
)
def test_too_large_a_notebook_of_an_old_version_is_refused_before_anything_is_made_of_it(data):
    text = json.dumps(data, separators=(",", ":")).encode()
    assert len(text) < limits.NOTEBOOK_BYTES
    started = time.process_time()
    with pytest.raises(SubmissionError, match="more than 2000 code cells"):
        read(text)
    assert time.process_time() - started < 4  # half a second measured; 30 where it was upgraded


@pytest.mark.parametrize("line", ["%%time\n", "%time %time\n", "!a \\\n", "a?\n", "\n"])
def test_a_cell_of_magics_alone_is_read_in_seconds(line):
    started = time.process_time()
    read(book(code(line * (limits.SOURCE_BYTES // len(line) // 2)), code("x = 1")))
    assert time.process_time() - started < 5  # 100 s where each magic was looked for from the start


def test_no_library_is_imported_to_read_one(tmp_path):
    (tmp_path / "hw3.ipynb").write_text(json.dumps(OLD[3]))
    script = (
        "import sys; from pathlib import Path; from grader.submission import load_submission; "
        f"load_submission(Path({str(tmp_path)!r}), 'hw3'); "
        "sys.exit(any(m in sys.modules for m in ('nbformat', 'torch', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
