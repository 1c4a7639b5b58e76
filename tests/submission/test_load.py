"""Which file of what was handed in is graded, what goes with it, and what is said about it."""

import dataclasses

import pytest

from grader.errors import SubmissionError
from grader.submission import Cell, limits, load_submission


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def test_a_python_file_is_one_cell(tmp_path):
    write(tmp_path, {"hw3.py": "x = 1\ny = 2"})
    submission = load_submission(tmp_path / "hw3.py", "hw3")
    assert submission.cells == (Cell("x = 1\ny = 2\n", None, 1),)
    assert (submission.name, submission.kind, submission.source_name) == ("hw3", "py", "hw3.py")
    assert submission.locate(2) == "hw3.py, line 2"
    assert submission.notes == ()
    assert len(submission.sha256) == 64


def test_a_submission_is_frozen(tmp_path):
    submission = load_submission(write(tmp_path, {"hw3.py": "", "a.txt": "a"}), "hw3")
    with pytest.raises(dataclasses.FrozenInstanceError):
        submission.kind = "ipynb"
    with pytest.raises(TypeError):
        submission.files["b.txt"] = b""


def test_a_notebook_in_a_folder_brings_its_helpers(tmp_path, notebook):
    write(tmp_path, {"hw3.ipynb": notebook("import tools\n", "x = 2"), "tools/util.py": "z = 3"})
    submission = load_submission(tmp_path, "hw3")
    assert submission.kind == "ipynb"
    assert [cell.number for cell in submission.cells] == [1, 2]
    assert dict(submission.files) == {"tools/util.py": b"z = 3"}
    assert submission.locate(2) == "hw3.ipynb, code cell 2, line 1"


def test_an_empty_file_is_taken_and_noted(tmp_path):
    submission = load_submission(write(tmp_path, {"hw3.py": ""}) / "hw3.py", "hw3")
    assert submission.cells == (Cell("", None, 1),)
    assert submission.notes == ("'hw3.py' holds no code.",)


@pytest.mark.parametrize("wrapper", ["", "alice/", "alice/homework 3/"])
def test_folder_and_zip_give_the_same_with_or_without_wrapper(tmp_path, make_zip, wrapper):
    files = {"hw3.py": "import helper", "helper.py": "x = 1", "data/a.csv": "1,2"}
    wrapped = {wrapper + name: content for name, content in files.items()}
    clutter = {
        "__MACOSX/._hw3.py": "junk",
        wrapper + ".DS_Store": "junk",
        wrapper + ".git/config.txt": "junk",
        wrapper + ".ipynb_checkpoints/hw3-checkpoint.py": "junk",
        wrapper + "__pycache__/hw3.json": "junk",
        wrapper + "env/pyvenv.cfg": "home = /usr",
        wrapper + "env/lib/six.py": "junk",
        wrapper + ".venv/lib/six.py": "junk",
    }
    plain = load_submission(write(tmp_path / "plain", files), "hw3")
    for path in (write(tmp_path / "wrapped", wrapped | clutter), make_zip(wrapped | clutter)):
        submission = load_submission(path, "hw3")
        assert dict(submission.files) == {"helper.py": b"x = 1", "data/a.csv": b"1,2"}
        assert submission.cells == plain.cells
        assert submission.sha256 == plain.sha256
        assert submission.notes == ()


def test_the_hash_ignores_outputs_and_markdown_but_no_code(tmp_path, notebook):
    hashes = []
    for number, content in enumerate(
        [
            notebook("x = 1"),
            notebook("x = 1", metadata={"title": "mine"}),
            notebook("x = 1").replace(b'"outputs": []', b'"outputs": [{"text": "1"}]'),
            notebook("x = 2"),
        ]
    ):
        folder = write(tmp_path / str(number), {"hw3.ipynb": content})
        hashes.append(load_submission(folder, "hw3").sha256)
    assert hashes[0] == hashes[1] == hashes[2] != hashes[3]


def test_the_hash_tells_where_one_file_ends(tmp_path):
    first = write(tmp_path / "1", {"hw3.py": "", "a.txt": "bc", "d.txt": ""})
    second = write(tmp_path / "2", {"hw3.py": "", "a.txt": "b", "d.txt": "c"})
    assert load_submission(first, "hw3").sha256 != load_submission(second, "hw3").sha256


def test_the_only_source_is_taken_whatever_its_name(tmp_path):
    write(tmp_path, {"hw3 (1).py": "x = 1", "tests/test_public.py": "", "notes.pdf": "…"})
    submission = load_submission(tmp_path, "hw3")
    assert submission.source_name == "hw3 (1).py"
    assert submission.notes == (
        "There is no hw3.py or hw3.ipynb; 'hw3 (1).py' was taken.",
        "Left out, of a kind that is not used: 'notes.pdf'.",
    )


def test_another_case_is_taken_and_noted(tmp_path):
    submission = load_submission(write(tmp_path, {"HW3.PY": "x = 1", "b.py": ""}), "hw3")
    assert (submission.kind, submission.source_name) == ("py", "HW3.PY")
    assert submission.notes == ("'HW3.PY' was taken as hw3.py.",)


def test_of_both_kinds_the_python_file_is_taken(tmp_path, notebook):
    write(tmp_path, {"hw3.py": "x = 1", "hw3.ipynb": notebook("x = 2")})
    submission = load_submission(tmp_path, "hw3")
    assert submission.kind == "py"
    assert submission.files == {}
    assert submission.notes == ("'hw3.py' was taken, 'hw3.ipynb' not.",)


STARTER = 'def f():\n    raise NotImplementedError("Problem 1")\n'
SOLVED = "def f():\n    return 1\n"


def test_a_notebook_worked_in_beats_the_starter_beside_it(tmp_path, notebook):
    write(tmp_path, {"hw3.py": STARTER, "hw3.ipynb": notebook(SOLVED)})
    submission = load_submission(tmp_path, "hw3")
    assert submission.kind == "ipynb"
    assert submission.files == {}
    assert submission.notes == (
        "More is left to do in 'hw3.py' than in the notebook.",
        "'hw3.ipynb' was taken, 'hw3.py' not.",
    )


@pytest.mark.parametrize("text", [STARTER, "print(1)", ""])
def test_a_notebook_with_no_more_in_it_does_not(tmp_path, notebook, text):
    write(tmp_path, {"hw3.py": STARTER, "hw3.ipynb": notebook(text)})
    assert load_submission(tmp_path, "hw3").kind == "py"


def test_quiz_answers_lie_beside_a_single_file(tmp_path):
    write(tmp_path, {"hw3.py": "x = 1", "answers.toml": 'q1 = "b"', "other.py": "", "b.py": ""})
    assert dict(load_submission(tmp_path / "hw3.py", "hw3").files) == {"answers.toml": b'q1 = "b"'}
    assert load_submission(tmp_path / "other.py", "hw3").files == {}


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "found nothing that can be graded"),
        ({"a.pdf": ""}, "found 'a.pdf'"),
        ({"a.py": "", "b.py": ""}, "found 'a.py', 'b.py'"),
        ({"conftest.py": "", "__init__.py": ""}, "Looked for hw3.py or hw3.ipynb"),
        ({"a/hw3.py": "", "b/hw3.py": ""}, "several files for hw3: 'a/hw3.py', 'b/hw3.py'"),
        ({f"{n}.py": "" for n in range(20)}, "and 12 more"),
    ],
)
def test_what_was_looked_for_and_what_was_there_is_said(tmp_path, files, words):
    with pytest.raises(SubmissionError, match=words):
        load_submission(write(tmp_path, files), "hw3")


def test_the_shallowest_is_taken(tmp_path):
    write(tmp_path, {"hw3.py": "x = 1", "old/hw3.py": "x = 2"})
    submission = load_submission(tmp_path, "hw3")
    assert submission.source == "x = 1\n"
    assert dict(submission.files) == {"old/hw3.py": b"x = 2"}


@pytest.mark.parametrize("name", ["hw3.txt", "hw3.tar.gz", "hw3", "hw3.docx"])
def test_other_kinds_of_file_are_refused(tmp_path, name):
    write(tmp_path, {name: "x = 1"})
    with pytest.raises(SubmissionError, match=r"neither a \.py nor a \.ipynb") as caught:
        load_submission(tmp_path / name, "hw3")
    assert "hw3.py" in caught.value.hint


@pytest.mark.parametrize("name", ["absent.py", "a\0b.py", "x" * 5000])
def test_a_path_to_nothing_is_said_so(tmp_path, name):
    with pytest.raises(SubmissionError, match="nothing to grade"):
        load_submission(tmp_path / name, "hw3")


def test_further_files_are_bounded_and_what_was_left_out_is_noted(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "FILES", 3)
    monkeypatch.setattr(limits, "FILE_BYTES", 2 * limits.MIB)
    monkeypatch.setattr(limits, "FILES_BYTES", 3 * limits.MIB)
    large, half = b"x" * (2 * limits.MIB + 1), b"x" * (2 * limits.MIB)
    write(
        tmp_path,
        {"hw3.py": "", "a.csv": large, "b.csv": half, "z.py": half, "c.csv": "", "d.csv": ""},
    )
    submission = load_submission(tmp_path, "hw3")
    assert set(submission.files) == {"z.py"}
    assert submission.notes == (
        "'hw3.py' holds no code.",
        "Left out, more than 3 files: 'c.csv', 'd.csv'.",
        "Left out, more than 3 MiB together: 'a.csv', 'b.csv'.",
    )


def test_a_file_too_large_by_itself_is_left_out(tmp_path):
    write(tmp_path, {"hw3.py": "x = 1", "a.csv": b"1" * (limits.FILE_BYTES + 1), "b.csv": "1"})
    submission = load_submission(tmp_path, "hw3")
    assert set(submission.files) == {"b.csv"}
    assert submission.notes == ("Left out, larger than 2 MiB: 'a.csv'.",)


@pytest.mark.parametrize(
    ("name", "size"), [("hw3.py", limits.SOURCE_BYTES), ("hw3.ipynb", limits.NOTEBOOK_BYTES)]
)
def test_a_source_too_large_is_refused(tmp_path, name, size):
    write(tmp_path, {name: b" " * (size + 1)})
    with pytest.raises(SubmissionError, match="is larger than"):
        load_submission(tmp_path / name, "hw3")


BLANK = (
    "def f(x):\n    raise NotImplementedError('1.1: f')\n\n\n"
    "def g(x):\n    raise NotImplementedError('1.2: g')\n"
)
MINE = BLANK.replace("raise NotImplementedError('1.1: f')", "return x")


@pytest.mark.parametrize(
    ("file", "in_notebook", "taken", "note"),
    [
        (BLANK, MINE, "hw3.ipynb", "'hw3.py' is still the starter."),
        (BLANK + "# mine\n", MINE, "hw3.ipynb", "'hw3.py' is still the starter."),
        (MINE, BLANK, "hw3.py", "'hw3.py' was taken, 'hw3.ipynb' not."),
        (BLANK, BLANK, "hw3.py", "'hw3.py' was taken, 'hw3.ipynb' not."),
        (MINE, MINE, "hw3.py", "'hw3.py' was taken, 'hw3.ipynb' not."),
    ],
)
def test_of_both_kinds_the_one_that_is_no_longer_the_starter_is_taken(
    tmp_path, notebook, file, in_notebook, taken, note
):
    starters = write(
        tmp_path / "starters", {"hw3.py": BLANK, "hw3.ipynb": notebook(*cells_of(BLANK))}
    )
    both = {"hw3.py": file, "hw3.ipynb": notebook(*cells_of(in_notebook))}
    folder = write(tmp_path / "mine", both)
    submission = load_submission(folder, "hw3", starters)
    assert submission.source_name == taken
    assert note in submission.notes
    assert any("was taken" in line for line in submission.notes)


def cells_of(source):
    return source.split("\n\n\n")


HELPED = {
    "hw3.py": (
        "import numpy as np\nfrom helper import a\nimport b as c, json\n"
        "open('mine.csv')\n# see others.csv\n"
    ),
    "helper.py": "import deeper\n",
    "deeper.py": "",
    "b.py": "",
    "mine.csv": "1,2",
    "others.csv": "3,4",
    "neighbour.py": "",
}


def test_a_single_file_brings_what_it_imports_or_names(tmp_path):
    submission = load_submission(write(tmp_path, HELPED) / "hw3.py", "hw3", data=True)
    assert sorted(submission.files) == ["b.py", "deeper.py", "helper.py", "mine.csv"]
    assert submission.notes == (
        "Taken along from beside it: 'b.py', 'deeper.py', 'helper.py', 'mine.csv'. "
        "Hand them in, too.",
    )


def test_data_files_stay_where_they_may_be_anyones(tmp_path):
    submission = load_submission(write(tmp_path, HELPED) / "hw3.py", "hw3")
    assert sorted(submission.files) == ["b.py", "deeper.py", "helper.py"]
    assert submission.notes[1:] == (
        "Left beside it: 'mine.csv'. In a folder or a zip, data files go along.",
    )


CURIOUS = {
    "hw3.py": "import solution, helper\nopen('quiz_key.toml')\n",
    "solution.py": "x = 1",
    "quiz_key.toml": "q1 = 'a'",
    "helper.py": "open('quiz_key.toml')",
}


@pytest.mark.parametrize(
    ("data", "brought"), [(True, ["helper.py", "solution.py"]), (False, ["helper.py"])]
)
def test_a_quiz_key_never_comes_along(tmp_path, data, brought):
    write(tmp_path, CURIOUS)
    path = tmp_path / "hw3.py"
    assert sorted(load_submission(path, "hw3", own_folder=True, data=data).files) == brought


def test_nothing_comes_out_of_the_courses_reference(tmp_path):
    write(tmp_path, {f"reference/hw3/{name}": text for name, text in CURIOUS.items()})
    path, private = tmp_path / "reference" / "hw3" / "hw3.py", tmp_path / "reference"
    loaded = load_submission(path, "hw3", own_folder=True, data=True, private=private)
    assert loaded.files == {}


def test_a_file_of_another_name_brings_them_only_from_a_folder_of_its_own(tmp_path):
    write(tmp_path, {"backprop.py": "import ada_hw3", "ada_hw3.py": "x = 1", "hw3.py": "y = 2"})
    path = tmp_path / "backprop.py"
    assert load_submission(path, "hw3").files == {}
    assert load_submission(path, "hw3", own_folder=True).files == {"ada_hw3.py": b"x = 1"}


def test_a_link_beside_a_single_file_stays_where_it_is(tmp_path):
    secret = write(tmp_path / "elsewhere", {"key.py": "x = 1"}) / "key.py"
    folder = write(tmp_path / "mine", {"hw3.py": "import helper"})
    (folder / "helper.py").symlink_to(secret)
    assert load_submission(folder / "hw3.py", "hw3").files == {}


@pytest.mark.parametrize("there", ["assignments/hw3/hw3.py", "assignments/hw3/hw3.ipynb"])
def test_a_path_to_nothing_names_what_lies_near_it(tmp_path, monkeypatch, there):
    write(tmp_path, {there: ""})
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SubmissionError) as caught:
        load_submission(tmp_path / "assignments" / "hw3.py", "hw3")
    assert there in str(caught.value.hint)


@pytest.mark.parametrize(
    ("path", "whole", "shown"),
    [
        ("mine/hw3.py", "mine/hw3.py", "mine/hw3.py"),
        ("mine", "mine", "mine/hw3.py"),
        ("mine", ".", "hw3.py"),
    ],
)
def test_the_file_graded_is_named_as_the_student_finds_it(tmp_path, path, whole, shown):
    write(tmp_path, {"mine/hw3.py": ""})
    assert load_submission(tmp_path / path, "hw3").shown_file(whole) == shown


def test_the_file_graded_in_a_zip_is_named(make_zip):
    path = make_zip({"ada/hw3.py": "x = 1"})
    assert load_submission(path, "hw3").shown_file("a.zip") == "a.zip: ada/hw3.py"
