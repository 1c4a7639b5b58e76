"""Folders that hold links, pipes and names made to harm."""

import os
import socket
import threading

import pytest

from grader.errors import SubmissionError
from grader.submission import limits, load_submission


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "alice"
    path.mkdir()
    (path / "hw3.py").write_text("x = 1\n")
    return path


def test_links_are_never_followed(tmp_path, folder):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.txt").write_text("key")
    (folder / "key.txt").symlink_to(secret / "key.txt")
    (folder / "inside.py").symlink_to("hw3.py")
    (folder / "all").symlink_to(secret)
    (folder / "loop").symlink_to(folder)
    submission = load_submission(folder, "hw3")
    assert submission.files == {}
    assert set(submission.notes) == {
        f"'{name}' was left out: it is a symbolic link."
        for name in ("key.txt", "inside.py", "all", "loop")
    }


def test_a_homework_that_is_a_link_is_not_found(tmp_path, folder):
    (tmp_path / "other.py").write_text("x = 2\n")
    (folder / "hw3.py").unlink()
    (folder / "hw3.py").symlink_to(tmp_path / "other.py")
    with pytest.raises(SubmissionError, match="nothing that can be graded"):
        load_submission(folder, "hw3")


def test_a_submission_that_is_a_link_is_refused(tmp_path, folder):
    for name, target in (("bob", folder), ("bob.py", folder / "hw3.py"), ("gone.py", "nowhere")):
        (tmp_path / name).symlink_to(target)
        with pytest.raises(SubmissionError, match="is a symbolic link"):
            load_submission(tmp_path / name, "hw3")


def test_a_link_beside_a_single_file_is_not_its_answers(tmp_path, folder):
    (tmp_path / "key.toml").write_text("q1 = 1")
    (folder / "answers.toml").symlink_to(tmp_path / "key.toml")
    assert load_submission(folder / "hw3.py", "hw3").files == {}


def load_in_time(path, seconds=5.0):
    """The outcome of loading `path`, or a failure if it blocks."""
    outcome = []

    def load():
        try:
            outcome.append(load_submission(path, "hw3"))
        except SubmissionError as err:
            outcome.append(err)

    thread = threading.Thread(target=load, daemon=True)
    thread.start()
    thread.join(seconds)
    assert outcome, "loading blocked"
    return outcome[0]


def test_pipes_and_sockets_are_passed_over(folder, monkeypatch):
    os.mkfifo(folder / "pipe.txt")
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.csv")
        submission = load_in_time(folder)
    assert submission.files == {}
    assert submission.notes == (
        "'pipe.txt' was left out: it is a FIFO.",
        "'socket.csv' was left out: it is a socket.",
    )


def test_a_pipe_or_device_handed_in_as_such_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "hw3.py")
    assert "is a FIFO" in str(load_in_time(tmp_path / "hw3.py"))
    assert "'zero' is a device" in str(load_in_time(type(tmp_path)("/dev/zero")))


def test_a_file_swapped_for_a_pipe_after_it_was_seen_does_not_block(folder, monkeypatch):
    os.mkfifo(folder / "pipe")
    monkeypatch.setattr("grader.submission.load.kind_of", lambda path: "file")
    os.replace(folder / "pipe", folder / "hw3.py")
    assert "is a FIFO, not a file" in str(load_in_time(folder / "hw3.py"))


def test_names_made_to_deceive_are_left_out_and_shown_safely(folder):
    names = ["a\x1b[2J.txt", "b\u202etxt.py", "c\n.csv", "d\\e.txt", os.fsdecode(b"e\xff.txt")]
    for name in names:
        (folder / name).write_text("x")
    submission = load_submission(folder, "hw3")
    assert submission.files == {}
    assert len(submission.notes) == len(names)
    assert all(note.isprintable() and note.isascii() for note in submission.notes)


def test_depth_and_number_are_bounded(folder, monkeypatch):
    deep = folder.joinpath(*"abcdefghijklmnop")
    deep.mkdir(parents=True)
    (deep / "far.txt").write_text("x")
    submission = load_submission(folder, "hw3")
    assert submission.files == {}
    assert "more than 12 folders deep" in submission.notes[0]
    monkeypatch.setattr(limits, "ENTRIES", 10)
    with pytest.raises(SubmissionError, match="more than 10 files"):
        load_submission(folder, "hw3")


def test_notes_are_bounded(folder):
    for number in range(100):
        (folder / f"{number}\t.txt").write_text("x")
    notes = load_submission(folder, "hw3").notes
    assert len(notes) == limits.NOTES + 1
    assert notes[-1] == "… and 60 more notes."
