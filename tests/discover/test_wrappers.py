"""Folders that students name inside their own never stand for the class."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.discover import Person, discover
from grader.discover.platform_ids import platform_ids

from .test_layouts import SOURCE, write, zipped

METADATA = "submission_1:\n  :submitters:\n  - :sid: ada\n"


@pytest.mark.parametrize(
    "nested",
    [
        {"ada/hw3.py": "", "ben/hw3.py": ""},
        {"lovelaceada_11_22_hw3.py": "", "brookben_12_23_hw3.py": ""},
        {"Ada Lovelace_1_assignsubmission_file/hw3.py": "", "hw3.py": ""},
        {"submission_metadata.yml": METADATA, "submission_1/hw3.py": ""},
        {"submitted/ada/hw3/hw3.py": "", "submitted/ben/hw3/hw3.py": ""},
        {"ada/hw3/hw3.py": "", "ben/hw3/hw3.py": ""},
        {"hw3-ada/hw3.py": "", "hw3-ben/hw3.py": ""},
    ],
    ids=["folders", "canvas", "moodle", "gradescope", "submitted", "nbgrader", "github"],
)
@pytest.mark.parametrize("others", ["ada.py ben.py", "ada.zip ben.ipynb", "ada/x.py ben/x.py"])
@pytest.mark.parametrize("mine", ["eve", "hw3", "submitted"])
def test_a_folder_beside_others_is_one_submission(
    tmp_path: Path, nested: dict[str, str], others: str, mine: str
) -> None:
    files = dict.fromkeys(others.split(), SOURCE)
    files |= {f"{mine}/{name}": text or SOURCE for name, text in nested.items()}
    for path in (write(tmp_path / "c", files), zipped(tmp_path / "c.zip", files)):
        found = discover(path, "hw3", "hw3", tmp_path / "work")
        assert sorted(one.student_key for one in found.found) == sorted(["ada", "ben", mine])
        by_key = {one.student_key: one.path for one in found.found}
        assert all("ada" not in p.parts or k == "ada" for k, p in by_key.items())
        assert (found.problems, found.inside) == ((), "")


def test_what_lies_beside_a_wrapper_is_told_and_so_is_the_wrapper(tmp_path: Path) -> None:
    files = {"c/x/ada/hw3.py": SOURCE, "c/x/ben/hw3.py": SOURCE, "c/list.csv": "", "read.txt": ""}
    found = discover(write(tmp_path / "class", files), "hw3", "hw3", tmp_path / "work")
    assert [one.student_key for one in found.found] == ["ada", "ben"]
    assert found.inside == "class/c/x"
    assert found.problems == (
        "'read.txt' is beside the folder of submissions: not graded",
        "'list.csv' is beside the folder of submissions: not graded",
    )


def test_a_lone_folder_of_someone_is_theirs(tmp_path: Path) -> None:
    folder = write(tmp_path / "class", {"eve/ada/hw3.py": SOURCE, "eve/ben/hw3.py": SOURCE})
    everyone = [Person(id="1", name="Eve"), Person(id="ada"), Person(id="ben")]
    found = discover(folder, "hw3", "hw3", tmp_path / "work", everyone)
    assert [one.student_key for one in found.found] == ["eve"]
    found = discover(folder, "hw3", "hw3", tmp_path / "work")  # without a roster it is not known
    assert found.inside == "class/eve"


@pytest.mark.parametrize("mine", ["backprop-eve", "Eve_repo", "hw3 (E-V)", "repo.eve-hacks.old"])
@pytest.mark.parametrize("nested", ["hw3-ada hw3-ben", "ada ben"])
def test_a_lone_folder_that_names_someone_is_theirs(tmp_path: Path, mine: str, nested: str) -> None:
    files = {f"{mine}/{name}/hw3.py": SOURCE for name in nested.split()}
    everyone = [Person(id="eve", github="e-v"), Person(id="ada"), Person(id="ben")]
    found = discover(write(tmp_path / "class", files), "hw3", "hw3", tmp_path / "work", everyone)
    assert (len(found.found), found.inside) == (1, "")
    assert found.found[0].path.name == mine


def test_a_word_only_beginning_like_an_id_names_nobody(tmp_path: Path) -> None:
    files = {f"evening-class/{name}/hw3.py": SOURCE for name in ("ada", "ben", "eve")}
    everyone = [Person(id=name) for name in ("ada", "ben", "eve")]
    found = discover(write(tmp_path / "class", files), "hw3", "hw3", tmp_path / "work", everyone)
    assert [one.student_key for one in found.found] == ["ada", "ben", "eve"]


def test_a_lone_clone_is_one_submission(tmp_path: Path) -> None:
    """Nobody's class is a repository in the folder given: whoever made it named what is in it."""
    files = {f"work/{name}/hw3.py": SOURCE for name in ("ada", "ben")}
    folder = write(tmp_path / "class", {**files, "work/.git/HEAD": "ref: refs/heads/main\n"})
    found = discover(folder, "hw3", "hw3", tmp_path / "work")
    assert ([one.path.name for one in found.found], found.inside) == (["work"], "")


def test_nbgraders_folder_lies_beside_the_courses_only(tmp_path: Path) -> None:
    files = {"submitted/ada/hw3/hw3.py": SOURCE, "release/hw3/hw3.py": SOURCE}
    files |= {"source/hw3/hw3.py": SOURCE, "nbgrader_config.py": "", "gradebook.db": ""}
    found = discover(write(tmp_path / "class", files), "hw3", "hw3", tmp_path / "work")
    assert [(one.student_key, found.layout) for one in found.found] == [("ada", "nbgrader")]
    assert len(found.problems) == 4


def test_what_is_hidden_is_told_where_it_may_be_a_submission(tmp_path: Path) -> None:
    files = {"ada/hw3.py": SOURCE, "ben/hw3.py": SOURCE, "venv/hw3.py": "", ".eve/hw3.py": ""}
    files |= {".git/HEAD": "", "__MACOSX/x.py": "", "._ada.py": "", ".mallory.py": ""}
    found = discover(write(tmp_path / "class", files), "hw3", "hw3", tmp_path / "work")
    assert [one.student_key for one in found.found] == ["ada", "ben"]
    hidden = [f"{name!r} is hidden: not graded" for name in (".eve", ".mallory.py", "venv")]
    assert list(found.problems) == hidden


def test_a_students_folders_do_not_decide_how_the_others_are_read(tmp_path: Path) -> None:
    files = {"ada/hw3.py": SOURCE, "eve/hw3/hw3.py": SOURCE, "eve/.git/HEAD": "x"}
    found = discover(write(tmp_path / "class", files), "hw3", "hw3", tmp_path / "work")
    assert [one.student_key for one in found.found] == ["ada", "eve"]
    clones = {f"u-{i}/.git/HEAD": "x" for i in range(3)} | {"u-3/hw3.py": SOURCE}
    found = discover(write(tmp_path / "b", clones), "hw3", "hw3", tmp_path / "work")
    assert len(found.found) == 4


@pytest.mark.parametrize("first", ["_11_assignsubmission_file", "_11_assignsubmission"])
def test_a_name_of_two_participants_is_nobodys(tmp_path: Path, first: str) -> None:
    mine = f"Ada Lovelace{first}_12_assignsubmission_file"
    files = {"Ada Lovelace_11_assignsubmission_file/hw3.py": SOURCE, f"{mine}/hw3.py": "y = 1\n"}
    found = discover(write(tmp_path / "class", files), "hw3", "hw3", tmp_path / "work")
    assert {one.student_key: dict(one.identities) for one in found.found} == {
        "Ada Lovelace_11": {"name": "Ada Lovelace"},
        mine: {},
    }
    ids = [platform_ids(one.layout, one.source) for one in found.found]
    assert ids == [{"moodle": "11"}, {}]  # nor is it handed back as Ada's
