"""What a hostile submission, clone or zip tries; none of it reaches outside or runs."""

from __future__ import annotations

import os
import stat
import sys
import time
import zipfile
from pathlib import Path

import pytest

from grader.discover import discover, unpack
from grader.discover.match import twice
from grader.errors import SubmissionError, UsageError
from grader.submission import load_submission
from grader.submission.folder import read_file

from .test_layouts import SOURCE, write, zipped


def test_links_and_pipes_are_refused_on_record(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    write(secret, {"hw3.py": "password = 1\n"})
    folder = write(tmp_path / "class", {"ana/hw3.py": SOURCE, "ben/hw3.py": SOURCE})
    (folder / "eve").symlink_to(secret)
    (folder / "mallory.py").symlink_to(secret / "hw3.py")
    os.mkfifo(folder / "trudy.py")
    (folder / "notes.txt").symlink_to(secret / "hw3.py")
    found = discover(folder, "hw3", "hw3", tmp_path / "work")
    keys = {one.student_key: one for one in found.found}
    assert list(keys) == ["ana", "ben", "eve", "mallory", "trudy"]
    for key, what in (("eve", "link"), ("mallory", "link"), ("trudy", "FIFO")):
        assert keys[key].submitted_at is None
        with pytest.raises(SubmissionError, match=what):  # what goes on record
            load_submission(keys[key].path, "hw3")
    assert found.problems == ("'notes.txt' is a symbolic link: not graded",)


def test_linked_metadata_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "other.yml").write_text("submission_1: {}\n")
    folder = write(tmp_path / "class", {"submission_1/hw3.py": SOURCE})
    (folder / "submission_metadata.yml").symlink_to(tmp_path / "other.yml")
    with pytest.raises(UsageError, match="no plain file"):
        discover(folder, "hw3", "hw3", tmp_path / "work")


def test_metadata_cannot_lead_out_of_the_export(tmp_path: Path) -> None:
    write(tmp_path, {"outside/hw3.py": SOURCE})
    text = "../outside:\n  :submitters:\n  - :sid: '1'\n"
    folder = write(tmp_path / "class", {"submission_metadata.yml": text, "s_1/hw3.py": SOURCE})
    found = discover(folder, "hw3", "hw3", tmp_path / "work")
    assert [one.student_key for one in found.found] == ["s_1"]


def test_a_zip_writes_nothing_outside(tmp_path: Path) -> None:
    names = ["../evil.py", "/evil.py", "ana/../../evil.py", "C:/evil.py", "ana/\x1b[2J.py"]
    path = zipped(tmp_path / "class.zip", dict.fromkeys([*names, "ana/hw3.py", "b/hw3.py"], "x"))
    found = discover(path, "hw3", "hw3", tmp_path / "work")
    assert [one.student_key for one in found.found] == ["ana", "b"]
    assert len(found.problems) == len(names)
    assert not list(tmp_path.rglob("evil.py"))


def test_a_name_in_utf8_that_does_not_say_so_is_read_as_that(tmp_path: Path) -> None:
    path = zipped(tmp_path / "class.zip", {"jos__/hw3.py": "x", "b/hw3.py": "x"})
    path.write_bytes(path.read_bytes().replace(b"jos__", "josé".encode()))
    found = discover(path, "hw3", "hw3", tmp_path / "work")
    assert [one.student_key for one in found.found] == ["b", "josé"]


def test_links_and_devices_in_a_zip_are_left_out(tmp_path: Path) -> None:
    path = zipped(tmp_path / "class.zip", {"ana/hw3.py": SOURCE, "ben/hw3.py": SOURCE})
    with zipfile.ZipFile(path, "a") as archive:
        for name, kind in (("ben/link.py", stat.S_IFLNK), ("ben/pipe.py", stat.S_IFIFO)):
            info = zipfile.ZipInfo(name)
            info.external_attr = (kind | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
    found = discover(path, "hw3", "hw3", tmp_path / "work")
    assert sorted(os.listdir(found.found[1].path)) == ["hw3.py"]
    assert len(found.problems) == 2


def test_of_a_clone_in_a_zip_no_hook_and_no_configuration_is_written(tmp_path: Path) -> None:
    files = {
        "hw3-ana/hw3.py": SOURCE,
        "hw3-ana/.git/HEAD": "ref: refs/heads/main\n",
        "hw3-ana/.git/config": "[core]\n\tfsmonitor = touch /tmp/owned\n",
        "hw3-ana/.git/hooks/post-checkout": "#!/bin/sh\n",
        "hw3-ana/.git/refs/heads/main": "a" * 40 + "\n",
        "hw3-ana/.gitattributes": "* filter=evil\n",
        ".git/HEAD": "x",
    }
    found = discover(zipped(tmp_path / "class.zip", files), "hw3", "hw3", tmp_path / "work")
    (one,) = found.found
    assert (one.commit, one.submitted_at) == ("a" * 40, None)
    written = {p.name for p in one.path.rglob("*") if p.is_file()}
    assert written == {"hw3.py", "HEAD", "main"}


def test_a_zip_that_unpacks_to_too_much_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(tmp_path / "class.zip", {"ana/hw3.py": "x" * 5000, "ben/hw3.py": "x" * 5000})
    monkeypatch.setattr(unpack, "FILE_BYTES", 4000)
    found = discover(path, "hw3", "hw3", tmp_path / "work")
    assert all("too large" in line for line in found.problems)
    assert len(found.problems) == 2
    monkeypatch.setattr(unpack, "UNPACKED_BYTES", 6000)
    monkeypatch.setattr(unpack, "FILE_BYTES", 5000)
    with pytest.raises(UsageError, match="unpacks to more"):
        discover(path, "hw3", "hw3", tmp_path / "work2")
    assert os.listdir(tmp_path / "work2") == []


def test_damage_in_a_zip_costs_only_what_is_damaged(tmp_path: Path) -> None:
    path = zipped(tmp_path / "class.zip", {"ana/hw3.py": "y = 1\n" * 99, "ben/hw3.py": SOURCE})
    data = bytearray(path.read_bytes())
    at = data.index(b"ana/hw3.py") + len("ana/hw3.py")
    data[at + 4] ^= 0xFF
    path.write_bytes(data)
    found = discover(path, "hw3", "hw3", tmp_path / "work")
    assert [one.student_key for one in found.found] == ["ana", "ben"]  # ana's folder is there
    assert any("damaged" in line for line in found.problems)


def test_names_that_collide_or_do_not_fit_are_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "class.zip", {"ana/hw3.py": SOURCE, "ben/hw3.py": SOURCE})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("ana/hw3.py/x.py", "")
        archive.writestr("ü" * 150 + "/hw3.py", "")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("ana/hw3.py", "another")
    found = discover(path, "hw3", "hw3", tmp_path / "work")
    assert (found.found[0].path / "hw3.py").read_text() == SOURCE
    assert len([line for line in found.problems if "left out" in line]) == 3


def test_no_zip_at_all_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "class.zip").write_bytes(b"PK\x03\x04 no zip")
    with pytest.raises(UsageError, match="no zip that can be read"):
        discover(tmp_path / "class.zip", "hw3", "hw3", tmp_path / "work")


def test_an_unpacked_zip_is_used_again(tmp_path: Path) -> None:
    path = zipped(tmp_path / "class.zip", {"ana/hw3.py": SOURCE, "ben/../hw3.py": SOURCE})
    first = discover(path, "hw3", "hw3", tmp_path / "work")
    inode = os.stat(first.found[0].path).st_ino
    again = discover(path, "hw3", "hw3", tmp_path / "work")
    assert again == first
    assert os.stat(again.found[0].path).st_ino == inode


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text on this system")
def test_names_that_are_no_text_can_be_shown_and_stored(tmp_path: Path) -> None:
    folder = write(tmp_path / "class", {"ana/hw3.py": SOURCE})
    os.mkdir(os.fsencode(folder) + b"/b\xe9n")
    (folder / "\x1b[2Jeve").mkdir()
    found = discover(folder, "hw3", "hw3", tmp_path / "work")
    assert {one.student_key for one in found.found} == {"ana", "b\\udce9n", "\\x1b[2Jeve"}
    for one in found.found:
        one.source.encode("utf-8")


def test_a_folder_in_a_files_place_stops_nobody(tmp_path: Path) -> None:
    files = {"ana/hw3/hw3.py/x.txt": "", "ben/hw3/hw3.py": SOURCE, "ana/hw3/timestamp.txt/x": ""}
    folder = write(tmp_path / "class", files)
    found = discover(folder, "hw3", "hw3", tmp_path / "work")
    assert [one.student_key for one in found.found] == ["ana", "ben"]
    with pytest.raises(SubmissionError, match="is a folder, not a file"):
        read_file(folder / "ana", 10)


def test_a_time_that_no_calendar_has_is_told(tmp_path: Path) -> None:
    files = {"ana/hw3/hw3.py": SOURCE, "ana/hw3/timestamp.txt": "0001-01-01 00:00:00+14:00"}
    found = discover(write(tmp_path / "class", files), "hw3", "hw3", tmp_path / "work")
    assert found.problems == ("'ana/hw3/timestamp.txt' holds no time in UTC",)


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text on this system")
def test_names_made_to_confuse_are_all_found_and_shown_plainly(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    names = [
        "a\nb",
        "\x1b]0;t\x07",
        "ev\u202eil",
        "x" * 250,
        "Ada",
        "ada",
        "ada ",
        "\u0430da",
        "=1+1",
    ]
    for name in names:
        write(folder / name, {"hw3.py": SOURCE})
    found = discover(folder, "hw3", "hw3", tmp_path / "work")
    assert len(found.found) == len(names)
    for one in found.found:
        assert one.student_key.isprintable()
        assert one.source.isprintable()
        assert len(one.student_key) <= 200
        load_submission(one.path, "hw3")
    assert twice(found.found) == ["'ada' has 2 submissions: class/ada, class/ada "]


def test_what_can_block_or_not_be_read_blocks_nothing(tmp_path: Path) -> None:
    folder = write(tmp_path / "class", {"ana/hw3.py": SOURCE, "eve/notes.txt": ""})
    for name in ("eve/hw3.py", "eve/answers.toml", "mallory.ipynb", "trudy"):
        os.mkfifo(folder / name)
    (folder / "oscar").symlink_to(folder / "oscar")  # a link to itself
    (folder / "peggy").symlink_to("/dev/zero")
    (folder / "eve" / "up").symlink_to("..")
    started = time.monotonic()
    found = discover(folder, "hw3", "hw3", tmp_path / "work")
    assert len(found.found) == 6
    for one in found.found:
        if one.student_key != "ana":
            with pytest.raises(SubmissionError):
                load_submission(one.path, "hw3")
    assert time.monotonic() - started < 5


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_a_record(tmp_path: Path) -> None:
    folder = write(tmp_path / "class", {"ana/hw3.py": SOURCE, "eve/hw3.py": SOURCE})
    (folder / "eve").chmod(0)
    try:
        found = discover(folder, "hw3", "hw3", tmp_path / "work")
        assert [one.student_key for one in found.found] == ["ana", "eve"]
        with pytest.raises(SubmissionError, match="cannot be read"):
            load_submission(found.found[1].path, "hw3")
    finally:
        (folder / "eve").chmod(0o700)


def test_a_hundred_thousand_files_are_refused_and_cost_little(tmp_path: Path) -> None:
    folder = write(tmp_path / "class", {"ana/hw3.py": SOURCE, "eve/hw3.py": SOURCE})
    for i in range(100_000):
        os.mknod(folder / "eve" / f"{i}.py")
    started = time.process_time()
    found = discover(folder, "hw3", "hw3", tmp_path / "work")
    assert len(found.found) == 2
    with pytest.raises(SubmissionError, match="more than 20000 files"):
        load_submission(found.found[1].path, "hw3")
    assert time.process_time() - started < 5


def test_files_of_students_written_alike_are_not_put_together(tmp_path: Path) -> None:
    files = {}
    for name in ("Ada+Lovelace", "Ada Lovelace"):
        for part in ("hw3.py", "helpers.py"):
            files[f"{name}_11_assignsubmission_file_{part}"] = f"who = {name!r}\n"
    found = discover(write(tmp_path / "class", files), "hw3", "hw3", tmp_path / "work")
    for one in found.found:
        assert one.identities["name"] in load_submission(one.path, "hw3").source
