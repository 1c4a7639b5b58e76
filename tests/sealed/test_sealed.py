"""Sealed suites: the same verdict as in the open, nothing readable, nothing left behind."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest

from grader.course.manifest import Course
from grader.course.suite import suite_files
from grader.errors import CourseError, InternalError, UsageError
from grader.judge.run import Settings, grade
from grader.sandbox import ALL_LAYERS
from grader.sandbox.policy import NAMESPACE_LAYERS
from grader.sealed import bundle, crypt
from grader.sealed.opened import check_unreadable, opened
from grader.submission import load_submission
from tests.conftest import TINY, Run

SOLUTION = TINY / "reference" / "tiny" / "solution.py"
COURSE = ["--course", str(TINY)]
VARIABLE = "GRADER_SUITE_KEY"


@dataclass
class Sealed:
    file: Path
    key: str


@pytest.fixture
def sealed(tiny_course: Course, tmp_path: Path) -> Sealed:
    assignment, key = tiny_course.assignment("tiny"), crypt.new_key()
    file = tmp_path / "tiny.sealed"
    file.write_text(crypt.seal("tiny", bundle.pack(suite_files(assignment)), key))
    return Sealed(file, key)


def test_a_sealed_suite_gives_the_verdict_of_the_open_one(
    run: Run, sealed: Sealed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tiny.py"
    path.write_text(SOLUTION.read_text().replace("return 2 * x", "return x"))
    kept = [f"--json={tmp_path / 'open.json'}", *COURSE]
    assert run("check", "tiny", path, *kept).code == 1
    monkeypatch.setenv(VARIABLE, sealed.key)
    hidden = [f"--json={tmp_path / 'sealed.json'}", "--sealed", sealed.file]
    assert run("check", "tiny", path, *hidden).code == 1
    import json

    from grader.report.serialise import from_dict

    first, second = (
        from_dict(json.loads((tmp_path / name).read_text()))
        for name in ("open.json", "sealed.json")
    )
    assert second.score == first.score
    assert second.hashes == first.hashes
    assert second.elsewhere == 0
    assert VARIABLE not in os.environ


def test_neither_a_name_nor_a_test_is_seen_in_the_file(sealed: Sealed) -> None:
    text = sealed.file.read_text()
    assert text.startswith("grader sealed suite 1: tiny\n")
    assert "test_" not in text
    assert sealed.key not in text


def test_the_solution_is_never_sealed(tiny_course: Course) -> None:
    files = suite_files(tiny_course.assignment("tiny"))
    assert set(files) == {
        "course.toml",
        "assignments/tiny/assignment.toml",
        "assignments/tiny/tests/test_public.py",
        "reference/tiny/tests/test_hidden.py",
    }
    assert bundle.pack(files) == bundle.pack(files)


@pytest.mark.parametrize("layers", [ALL_LAYERS, ALL_LAYERS - NAMESPACE_LAYERS], ids=["3", "2"])
def test_a_submission_cannot_read_the_opened_suite(
    sealed: Sealed, tmp_path: Path, layers: frozenset[str]
) -> None:
    with opened(sealed.file, "tiny", sealed.key) as course:
        path = tmp_path / "tiny.py"
        path.write_text(THIEF.format(root=str(course.root), key=VARIABLE, parent=os.getpid()))
        settings = Settings(assignment=course.assignment("tiny"), layers=layers)
        report = grade(settings, load_submission(path, "tiny"))
    assert report.isolation["level"] == (3 if layers == ALL_LAYERS else 2)
    public = report.tests[0]
    assert "test_hidden" not in public.output
    assert public.output.count("refused") == 6, public.output
    assert not course.root.exists()


THIEF = """
import os

def look(what, *args):
    try:
        print("found", what(*args))
    except OSError:
        print("refused")

def double(x):
    look(os.listdir, "{root}")
    look(open, "{root}/reference/tiny/tests/test_hidden.py")
    look(os.listdir, os.path.dirname("{root}"))
    look(open, "/proc/{parent}/environ")
    look(os.listdir, "/proc/{parent}/fd")
    look(open, "/proc/{parent}/mem")
    print("key" if "{key}" in os.environ else "no key")
    return 2 * x
"""


def test_the_folder_is_this_users_alone_and_goes_with_an_error(sealed: Sealed) -> None:
    with pytest.raises(RuntimeError), opened(sealed.file, "tiny", sealed.key) as course:  # noqa: PT012
        assert stat.S_IMODE(course.root.stat().st_mode) == 0o700
        assert len(course.root.name) >= 32
        raise RuntimeError
    assert not course.root.exists()


def test_the_folder_goes_when_the_job_is_cancelled(sealed: Sealed) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom grader.sealed.opened import opened\n"
        "with opened(Path(sys.argv[1]), 'tiny', sys.argv[2]) as course:\n"
        "    print(course.root, flush=True)\n    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code, str(sealed.file), sealed.key]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        root = Path(process.stdout.readline().decode().strip())
        assert root.is_dir()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
    assert not root.exists()


def test_seal_makes_a_key_and_shows_it_once(run: Run, tmp_path: Path) -> None:
    ran = run("seal", "tiny", "--out", tmp_path / "s", *COURSE)
    assert ran.code == 0
    key = ran.out.strip()
    assert crypt.unseal("tiny", (tmp_path / "s").read_text(), key)
    assert key not in ran.err
    assert run("seal", "tiny", "--out", tmp_path / "s", *COURSE).out.strip() != key


def test_a_key_file_is_made_private_and_used_again(run: Run, tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    ran = run("seal", "tiny", "-o", tmp_path / "one", "--key-file", key_file, *COURSE)
    assert ran.code == 0
    assert ran.out == ""
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    key = key_file.read_text()
    assert run("seal", "tiny", "-o", tmp_path / "two", "--key-file", key_file, *COURSE).code == 0
    assert key_file.read_text() == key
    assert crypt.unseal("tiny", (tmp_path / "two").read_text(), key)
    key_file.write_text("short\n")
    assert run("seal", "tiny", "--key-file", key_file, *COURSE).code == 2


def test_without_hidden_tests_there_is_nothing_to_seal(run: Run, tmp_path: Path) -> None:
    shutil.copytree(TINY / "assignments", tmp_path / "assignments")
    ran = run("seal", "tiny", "--course", tmp_path)
    assert ran.code == 2
    assert "not in this checkout" in ran.err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--debug"], "not with --sealed"),
        (["--require-isolation", "1"], "level 2 or above"),
        (COURSE, "leave --course away"),
    ],
)
def test_a_sealed_suite_is_never_opened_unsafely(
    run: Run, sealed: Sealed, args: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, sealed.key)
    ran = run("check", "tiny", SOLUTION, "--sealed", sealed.file, *args)
    assert ran.code == 2
    assert words in ran.err


def test_public_tests_of_a_sealed_suite_need_the_level_too(
    run: Run, sealed: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grader.judge import run as judge_run

    asked: list[int] = []
    monkeypatch.setattr(judge_run, "check_level", lambda _, needed: asked.append(needed))
    monkeypatch.setenv(VARIABLE, sealed.key)
    run("check", "tiny", SOLUTION, "--sealed", sealed.file, "--tests", "public")
    assert asked == [2]


def test_a_wrong_key_or_file_is_refused_without_a_word_of_it(
    run: Run, sealed: Sealed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = tmp_path / "changed"
    text = sealed.file.read_text()
    changed.write_text(text[:-20] + ("A" if text[-20] != "A" else "B") + text[-19:])
    other = tmp_path / "other"
    other.write_text(text.replace(": tiny", ": hw9"))
    for key, file, words in (
        (crypt.new_key(), sealed.file, "does not open"),
        (sealed.key, changed, "does not open"),
        (sealed.key, other, "one of 'hw9'"),
        (sealed.key, SOLUTION, "no sealed suite"),
        (sealed.key, tmp_path / "none", "cannot be read"),
        ("x", sealed.file, "no key of a sealed suite"),
        ("", sealed.file, "is not set"),
    ):
        monkeypatch.setenv(VARIABLE, key)
        ran = run("check", "tiny", SOLUTION, "--sealed", file)
        assert ran.code == 2
        assert words in ran.err
        assert len(key) < 40 or key not in ran.err


def test_what_is_unpacked_stays_in_the_folder(tmp_path: Path) -> None:
    for name in ("../x", "/x", "a/../../x"):
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(name, "x")
        with pytest.raises(CourseError, match="outside"):
            bundle.unpack(out.getvalue(), tmp_path / "deep")
    with pytest.raises(CourseError, match="unpacked"):
        bundle.unpack(b"no zip", tmp_path)


def test_a_folder_that_workers_can_read_is_refused() -> None:
    with pytest.raises(InternalError, match="submissions can read"):
        check_unreadable(Path("/usr/share/grader-x"))


def test_the_package_is_asked_for_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.fernet", None)
    with pytest.raises(UsageError, match="cryptography"):
        crypt.new_key()
