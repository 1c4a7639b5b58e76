"""A file that is called as another homework's is refused, whatever a platform put before it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.course.manifest import Assignment, load_course
from grader.course.names import OtherHomework, note_on_other_homework, refuse_other_homework
from grader.errors import SubmissionError
from tests.conftest import TINY


@pytest.fixture
def hw4(tmp_path: Path) -> Assignment:
    """A homework of module hw4 beside hw3, hw1, and one whose manifest is broken."""
    for name in ("hw4", "hw3", "hw1"):
        shutil.copytree(TINY / "assignments" / "tiny", tmp_path / "assignments" / name)
        manifest = tmp_path / "assignments" / name / "assignment.toml"
        text = manifest.read_text().replace('id = "tiny"', f'id = "{name}"')
        manifest.write_text(text.replace('module = "tiny"', f'module = "{name}"'))
    (tmp_path / "assignments" / "broken").mkdir()
    (tmp_path / "assignments" / "broken" / "assignment.toml").write_text("[[")
    return load_course(tmp_path).assignment("hw4")


@pytest.mark.parametrize(
    "name",
    [
        "hw3.py", "HW3.ipynb", "hw3 (1).py", "hw3(2).ipynb", "hw3-1.py", "kim_hw3.py",
        "lovelaceada_123_9001_hw3-2.py", "Alan Turing_303_assignsubmission_file_hw3.py",
    ],
)  # fmt: skip
def test_another_homeworks_file_is_named_with_whose_it_is(hw4: Assignment, name: str) -> None:
    with pytest.raises(OtherHomework, match="is the file of hw3, not of hw4") as caught:
        refuse_other_homework(hw4, [name, "helpers.py"])
    assert caught.value.homework == "hw3"
    assert isinstance(caught.value, SubmissionError)
    assert "name it hw4.py" in str(caught.value.hint)


@pytest.mark.parametrize(
    "names",
    [
        [], ["hw4.py"], ["hw4.py", "hw3.py"], ["kim.py"], ["hw33.py"], ["hw11.py"], ["myhw3.py"],
        ["hw3_for_hw4.py"], ["hw3_old_draft.py"],
    ],
)  # fmt: skip
def test_all_other_files_are_left_to_be_graded(hw4: Assignment, names: list[str]) -> None:
    refuse_other_homework(hw4, names)


def test_a_name_that_would_harm_a_terminal_is_escaped(hw4: Assignment) -> None:
    with pytest.raises(OtherHomework) as caught:
        refuse_other_homework(hw4, ["\x1b[2J_hw3.py"])
    assert caught.value.message.isprintable()


def test_whoever_checks_another_homeworks_file_is_told_the_command(hw4: Assignment) -> None:
    note = note_on_other_homework(hw4, "hw3.py", "hw3/hw3.py")
    assert note == "This looks like homework hw3: grader check hw3 hw3/hw3.py"
    assert note_on_other_homework(hw4, "hw4.py", "hw3/hw4.py") is None
