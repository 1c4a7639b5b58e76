"""Names of students' reports are plain, no two alike, and found by Moodle."""

from __future__ import annotations

import io
import zipfile

import pytest

from grader.export.feedback import file_names, moodle_folder, zip_of


def moodle_reads(path: str) -> tuple[int, str] | None:
    """The participant and the file's name, as Moodle's importer takes them from a path.

    It looks for a part that is NAME_NUMBER_PLUGINTYPE_PLUGIN_REST, split at the first four
    underscores (mod/assign/feedback/file/importziplib.php before Moodle 4.1).
    """
    parts = path.split("/")
    while parts:
        info = parts.pop(0).split("_", 4)
        if len(info) == 5 and info[1].isdecimal() and info[2:4] == ["assignsubmission", "file"]:
            return int(info[1]), "/".join([info[4], *parts]).lstrip("/")
    return None


@pytest.mark.parametrize("name", ["Kim Kim", "Grace_Hopper", "Ana Álvarez", "a/../b", "_", "\x1b"])
def test_moodle_finds_the_participant(name: str) -> None:
    folder = moodle_folder(name, "7010")
    assert moodle_reads(f"{folder}/hw3-report.txt") == (7010, "hw3-report.txt")
    assert "/" not in folder
    assert folder.isprintable()


def test_a_name_stays_readable() -> None:
    assert moodle_folder("Kim Kim", "7010") == "Kim Kim_7010_assignsubmission_file_"


def test_names_are_plain_and_no_two_alike() -> None:
    students = ["ana", "Ana", "a b", "a/b", "../../etc/passwd", "ana@uni.example", "…"]
    names = file_names("hw3", students)
    assert list(names) == students
    assert names["ana"] == "hw3-ana.txt"
    assert names["../../etc/passwd"] == "hw3-etc_passwd.txt"
    assert len({name.casefold() for name in names.values()}) == len(students)
    assert not any(set(name) & set("/\\: @") for name in names.values())


def test_the_zip_is_the_same_each_time() -> None:
    files = {"Kim Kim_7010_assignsubmission_file_/hw3-report.txt": "naïve\n"}
    assert zip_of(files) == zip_of(files)
    with zipfile.ZipFile(io.BytesIO(zip_of(files))) as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == files


def test_an_odd_key_takes_no_plain_students_file_name() -> None:
    names = file_names("hw3", ["!ada", "ada.", "ada", "!ada-2", "ada-2"])
    assert list(names) == ["!ada", "ada.", "ada", "!ada-2", "ada-2"]
    assert (names["ada"], names["ada-2"]) == ("hw3-ada.txt", "hw3-ada-2.txt")
    assert len(set(names.values())) == 5
