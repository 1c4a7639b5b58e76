"""`grader batch` as an instructor calls it: what is said of what could not be graded, and when."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from grader.gradebook import open_gradebook
from tests.batch.conftest import SOLUTION
from tests.conftest import TINY, Run


@pytest.fixture
def course(tmp_path: Path) -> list[object]:
    """A course of two homeworks, tiny and small."""
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    for part in ("assignments", "reference"):
        shutil.copytree(root / part / "tiny", root / part / "small")
    manifest = root / "assignments" / "small" / "assignment.toml"
    text = manifest.read_text().replace('id = "tiny"', 'id = "small"')
    manifest.write_text(text.replace('module = "tiny"', 'module = "small"'))
    return ["--course", root, "--gradebook", tmp_path / "g.db"]


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_a_class_of_another_homework_is_refused_before_anything_is_graded(
    run: Run, course: list[object], tmp_path: Path
) -> None:
    names = ("ana", "ben", "cleo", "dan")
    folder = write(tmp_path / "class", {f"{name}/tiny.py": SOLUTION for name in names})
    write(folder, {"eve/small.py": SOLUTION})
    ran = run("batch", "small", folder, *course)
    assert ran.code == 2
    assert "Most of these 5 submissions are files of another homework (4 of tiny)" in ran.err
    assert "Grade them as tiny" in ran.err
    with open_gradebook(str(tmp_path / "g.db")) as book:
        assert book.attempts("small") == ()


def test_one_file_of_another_homework_is_unreadable_and_named_with_the_reason(
    run: Run, course: list[object], tmp_path: Path
) -> None:
    files = {f"{name}/small.py": SOLUTION for name in ("ana", "ben")}
    folder = write(tmp_path / "class", {**files, "kim/tiny.py": SOLUTION, "lee/notes.txt": "x"})
    ran = run("batch", "small", folder, *course)
    assert ran.code == 0
    of_another = "'tiny.py' is the file of tiny, not of small. If it holds small, name it small.py."
    assert f"kim: unreadable: {of_another}\n" in ran.err
    assert "lee: unreadable: Looked for small.py or small.ipynb and found 'notes.txt'." in ran.err
    at_the_end = ran.err.split("Unreadable, 0 points:\n")[1]
    assert at_the_end.startswith(f"  kim: {of_another}\n  lee: Looked for")
    assert "4 submissions: 2 graded, 2 unreadable. Gradebook: " in ran.err
    with open_gradebook(str(tmp_path / "g.db")) as book:
        (attempt,) = book.attempts("small", "kim")
        assert (attempt.status.value, attempt.score) == ("unreadable", 0)
    again = run("batch", "small", folder, *course)
    assert "4 submissions: 4 graded before." in again.err


def test_a_regrade_of_another_homework_stages_nothing(
    run: Run, course: list[object], tmp_path: Path
) -> None:
    folder = write(tmp_path / "class", {"ana/tiny.py": SOLUTION, "ben/tiny.py": SOLUTION})
    run("batch", "tiny", folder, *course)
    ran = run("regrade", "small", folder, "--reason", "a mistake", *course)
    assert ran.code == 2
    assert "Most of these 2 submissions are files of another homework" in ran.err
    shutil.rmtree(folder / "ben")
    ran = run("regrade", "small", folder, "--reason", "a mistake", *course)
    assert "The only submission is a file of another homework (1 of tiny)" in ran.err
    assert "No regrade of small is staged" in run("regrade", "small", "--apply", *course).err


def test_a_zip_in_a_students_folder_is_graded(
    run: Run, course: list[object], tmp_path: Path
) -> None:
    for student in ("Ada Lovelace_301", "Kim Kim_7010"):
        folder = tmp_path / "class" / f"{student}_assignsubmission_file"
        folder.mkdir(parents=True)
        with zipfile.ZipFile(folder / "submission.zip", "w") as archive:
            archive.writestr("tiny/tiny.py", SOLUTION)
    ran = run("batch", "tiny", tmp_path / "class", "--json-lines", *course)
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert [(line["how"], line["score"]) for line in lines] == [("graded", 9.25)] * 2
    assert "2 submissions: 2 graded." in ran.err


def test_one_submission_is_counted_as_one(run: Run, course: list[object], tmp_path: Path) -> None:
    folder = write(tmp_path / "class", {"ana/tiny.py": SOLUTION})
    assert "1 submission: 1 graded." in run("batch", "tiny", folder, *course).err
