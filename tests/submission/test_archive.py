"""Zips made to harm: bombs, names that lead elsewhere, links, lies in headers."""

import contextlib
import io
import os
import random
import stat
import struct
import time
import tracemalloc
import warnings
import zipfile

import pytest

from grader.errors import SubmissionError
from grader.submission import limits, load_submission, source_names


def special(name, mode):
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def refused(path):
    with pytest.raises(SubmissionError) as caught:
        load_submission(path, "hw3")
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_names_that_lead_elsewhere_are_left_out(make_zip):
    names = [
        "../evil.py",
        "a/../../evil.py",
        "/etc/evil.py",
        "\\\\server\\evil.py",
        "C:\\evil.py",
        "..\\evil.py",
        "a//evil.py",
        "a/./evil.py",
        "esc\x1b[2J.py",
        "long" * 100 + ".py",
        "a/" * 20 + "deep.py",
    ]
    submission = load_submission(
        make_zip({"hw3.py": "x = 1", **dict.fromkeys(names, "bad")}), "hw3"
    )
    assert submission.files == {}
    assert len(submission.notes) == len(names)
    assert all(note.isprintable() for note in submission.notes)


def test_a_nul_in_a_name_does_not_shorten_it(make_zip):
    path = make_zip({"hw3.py": "x = 1", "evilA.py": "x"})
    path.write_bytes(path.read_bytes().replace(b"evilA.py", b"evil\0.py"))
    submission = load_submission(path, "hw3")
    assert submission.files == {}
    assert submission.notes == (
        r"'evil\x00.py' was left out: its name holds control characters or backslashes.",
    )


def test_backslashes_of_old_windows_tools_are_folders(make_zip):
    submission = load_submission(make_zip({"hw3.py": "", "data\\a.csv": "1"}), "hw3")
    assert dict(submission.files) == {"data/a.csv": b"1"}


@pytest.mark.parametrize(("name", "read"), [("né".encode(), "né"), (b"n\x82x", "néx")])
def test_a_name_in_utf8_that_does_not_say_so_is_read_as_that(make_zip, name, read):
    path = make_zip({"hw3.py": "", "n__.csv": "1"})
    path.write_bytes(path.read_bytes().replace(b"n__", name))
    assert dict(load_submission(path, "hw3").files) == {f"{read}.csv": b"1"}


def test_links_and_devices_are_left_out(make_zip):
    files = {
        "hw3.py": "x = 1",
        special("passwd.txt", stat.S_IFLNK | 0o777): "/etc/passwd",
        special("pipe.txt", stat.S_IFIFO | 0o666): "",
        special("null.txt", stat.S_IFCHR | 0o666): "",
    }
    submission = load_submission(make_zip(files), "hw3")
    assert submission.files == {}
    assert submission.notes[0] == "'passwd.txt' was left out: it is a symbolic link."
    assert len(submission.notes) == 3


def test_a_name_used_twice_is_refused(make_zip):
    path = make_zip({"hw3.py": "x = 1", "hw4.py": "x = 2"})
    path.write_bytes(path.read_bytes().replace(b"hw4.py", b"hw3.py"))
    assert "two files of the name 'hw3.py'" in refused(path)


def test_a_file_that_is_also_a_folder_is_left_out(make_zip):
    files = {"hw3.py": "x = 1", "a.py": "", "a.py/b.py": ""}
    submission = load_submission(make_zip(files), "hw3")
    assert set(submission.files) == {"a.py"}
    assert submission.notes == ("Left out, their folder is a file too: 'a.py/b.py'.",)


def test_an_encrypted_file_is_refused(make_zip):
    path = make_zip({"hw3.py": "x = 1"})
    data = bytearray(path.read_bytes())
    data[6] |= 1  # the flags of the local header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and of the directory
    path.write_bytes(data)
    assert "is encrypted" in refused(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_bound_are_refused(make_zip, method):
    info = zipfile.ZipInfo("hw3.py")
    info.compress_type = method
    path = make_zip({})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, b"#" * 10**6)
    assert "compressed in an unusual way" in refused(path)


def test_a_zip_inside_a_zip_is_not_opened(make_zip):
    inner = make_zip({"hw3.py": "x = 1"}).read_bytes()
    path = make_zip({"alice.zip": inner})
    with pytest.raises(SubmissionError, match=r"found 'alice\.zip'") as caught:
        load_submission(path, "hw3")
    assert caught.value.hint == "Unpack the zip inside and hand its content in."


def put(folder, files):
    """A folder of these files, each given as its text or as the path of a zip to move there."""
    folder.mkdir()
    for name, content in files.items():
        if isinstance(content, str):
            (folder / name).write_text(content)
        else:
            content.rename(folder / name)
    return folder


def test_a_folder_that_holds_one_zip_is_that_zip(make_zip, tmp_path):
    files = {"hw3/hw3.py": "import helper\n", "hw3/helper.py": "x = 1", "__MACOSX/._hw3.py": "junk"}
    alone = load_submission(make_zip(files, "kim.zip"), "hw3")
    inside = load_submission(put(tmp_path / "kim", {"submission.zip": make_zip(files)}), "hw3")
    assert inside.sha256 == alone.sha256
    assert (inside.name, inside.source_name) == ("kim", "hw3.py")
    assert inside.source_path == "submission.zip"
    assert source_names(tmp_path / "kim", "hw3") == ("hw3.py",)
    assert inside.notes == ()


def test_a_zip_of_the_homeworks_name_goes_before_another_source(make_zip, tmp_path):
    folder = put(tmp_path / "kim", {"hw3.zip": make_zip({"hw3.py": "x = 1"}), "draft.py": "x = 2"})
    submission = load_submission(folder, "hw3")
    assert submission.source == "x = 1\n"
    assert submission.notes == ("'hw3.zip' was taken; left out beside it: 'draft.py'.",)


@pytest.mark.parametrize(("source", "zipped"), [("hw3.py", "hw3.zip"), ("mine.py", "data.zip")])
def test_a_source_goes_before_a_zip(make_zip, tmp_path, source, zipped):
    folder = put(tmp_path / "kim", {source: "x = 2", zipped: make_zip({"hw3.py": "x = 1"})})
    assert load_submission(folder, "hw3").source == "x = 2\n"


def test_several_zips_in_a_folder_are_refused_in_words(make_zip, tmp_path):
    zips = {f"{name}.zip": make_zip({"hw3.py": "x = 1"}, f"{name}.zip") for name in ("one", "two")}
    with pytest.raises(SubmissionError, match=r"found 'one\.zip', 'two\.zip'") as caught:
        load_submission(put(tmp_path / "kim", zips), "hw3")
    assert caught.value.hint == "Hand in one zip only, or what is in it."


def test_a_zip_inside_a_zip_in_a_folder_is_not_opened(make_zip, tmp_path):
    inner = make_zip({"hw3.py": "x = 1"}).read_bytes()
    folder = put(tmp_path / "kim", {"hw3.zip": make_zip({"hw3.zip": inner})})
    with pytest.raises(SubmissionError, match=r"found 'hw3\.zip'") as caught:
        load_submission(folder, "hw3")
    assert caught.value.hint == "Unpack the zip inside and hand its content in."


def test_a_link_to_a_zip_in_a_folder_is_not_followed(make_zip, tmp_path):
    folder = put(tmp_path / "kim", {})
    (folder / "hw3.zip").symlink_to(make_zip({"hw3.py": "x = 1"}))
    assert "found nothing that can be graded" in refused(folder)


def test_the_caps_hold_for_a_zip_in_a_folder(make_zip, tmp_path, monkeypatch):
    folder = put(tmp_path / "bomb", {"hw3.zip": make_zip({"hw3.py": b"#" * 50_000_000})})
    assert "is larger than 1 MiB" in refused(folder)
    monkeypatch.setattr(limits, "ZIP_BYTES", 100)
    folder = put(tmp_path / "large", {"hw3.zip": make_zip({"hw3.py": os.urandom(200)})})
    assert "'hw3.zip' is larger than" in refused(folder)


def peak_of_refusal(path):
    tracemalloc.start()
    message = refused(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return message, peak


def test_a_bomb_is_cut_off_while_it_unpacks(make_zip):
    path = make_zip({"hw3.py": b"#" * 50_000_000})
    message, peak = peak_of_refusal(path)
    assert "'hw3.py' is larger than 1 MiB" in message
    assert peak < 10 * limits.MIB


def test_a_bomb_that_lies_about_its_size_is_damaged(make_zip):
    path = make_zip({"hw3.py": b"#" * 50_000_000})
    truth, lie = struct.pack("<L", 50_000_000), struct.pack("<L", 100)
    path.write_bytes(path.read_bytes().replace(truth, lie))
    message, peak = peak_of_refusal(path)
    assert "is damaged" in message
    assert peak < 10 * limits.MIB


def test_many_files_that_are_each_a_bomb_are_refused(make_zip):
    content = b"1" * (limits.FILE_BYTES + 1)
    path = make_zip({"hw3.py": "x = 1"} | {f"{n}.csv": content for n in range(40)})
    message, peak = peak_of_refusal(path)
    assert "unpacks to more than 64 MiB" in message
    assert peak < 16 * limits.MIB


def test_a_huge_directory_is_refused_before_it_is_read(make_zip, monkeypatch):
    path = make_zip({f"{n}.py": "" for n in range(30)})
    monkeypatch.setattr(limits, "ENTRIES", 20)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert "more than 20 files" in refused(path)


def test_a_zip_too_large_is_refused(tmp_path):
    path = tmp_path / "alice.zip"
    with path.open("wb") as file:
        file.truncate(limits.ZIP_BYTES + 1)
    assert "is larger than 50 MiB" in refused(path)


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x05\x06" + b"\0" * 18, b"Rar!\x1a\x07\0" * 99])
def test_what_is_no_zip_is_refused(tmp_path, data):
    path = tmp_path / "alice.zip"
    path.write_bytes(data)
    refused(path)


def test_no_truncation_or_flipped_byte_gives_anything_but_a_clear_error(make_zip):
    path = make_zip({"alice/hw3.py": "x = 1\n" * 50, "alice/a.csv": "1,2\n" * 50})
    whole = path.read_bytes()
    rng = random.Random(3)
    started = time.monotonic()
    for _ in range(150):
        data = bytearray(whole)
        if rng.random() < 0.3:
            del data[rng.randrange(len(data)) :]
        for _ in range(rng.randrange(1, 4)):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(data)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with contextlib.suppress(SubmissionError):
                load_submission(path, "hw3")
    assert time.monotonic() - started < 5


def test_nothing_is_written(make_zip, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = make_zip({"hw3.py": "x = 1", "a.csv": "1"})
    before = sorted(tmp_path.rglob("*"))
    load_submission(path, "hw3")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_zip_behind_other_bytes_is_read_as_zip_tools_do(make_zip):
    path = make_zip({"hw3.py": "x = 1"})
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())
    assert load_submission(path, "hw3").source == "x = 1\n"
    assert zipfile.is_zipfile(io.BytesIO(path.read_bytes()))
