"""The commit of a clone, read without running git; git makes the clones that are read here."""

from __future__ import annotations

import os
import shutil
import subprocess
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.discover import discover
from grader.discover.commit import _packed, _time, head_commit

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git makes the clones")
WHEN = 1_790_942_400  # 2026-10-02 12:00 UTC


def git(folder: Path, *arguments: str, when: int = WHEN) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": f"{when - 999} +0200",
        "GIT_COMMITTER_DATE": f"{when} -0700",
    }
    identity = ["-c", "user.name=A B", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    result = subprocess.run(
        ["git", *identity, *arguments],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return result.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Twenty commits whose long messages are so alike that packing makes deltas of them."""
    folder = tmp_path / "hw3-ana"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "hw3.py").write_text("x = 1\n")
    git(folder, "add", ".")
    for i in range(20):
        message = f"step {i}\n\n" + "the same words in every commit of these " * 20
        git(folder, "commit", "-q", "--allow-empty", "-m", message, when=WHEN + i)
    return folder


@needs_git
def test_loose_packed_and_detached(clone: Path) -> None:
    sha = git(clone, "rev-parse", "HEAD")
    expected = datetime.fromtimestamp(WHEN + 19, UTC)
    for command in (["status"], ["gc", "-q", "--aggressive"], ["checkout", "-q", "--detach"]):
        git(clone, *command)
        found = head_commit(clone)
        assert found is not None
        assert (found.sha, found.at) == (sha, expected)


@needs_git
def test_every_commit_of_a_pack_of_deltas(clone: Path) -> None:
    git(clone, "gc", "-q", "--aggressive")
    (index,) = (clone / ".git" / "objects" / "pack").glob("*.idx")
    assert "chain length" in git(clone, "verify-pack", "-v", str(index))
    for line in git(clone, "log", "--format=%H %ct").splitlines():
        sha, at = line.split()
        content = _packed(clone / ".git", sha)
        assert content is not None
        assert _time(content) == datetime.fromtimestamp(int(at), UTC)


@needs_git
def test_clones_are_found_with_their_commits(clone: Path, tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    for name in ("backprop-ana", "backprop-anders"):
        git(folder, "clone", "-q", str(clone), name)
    found = discover(folder, "hw3", "hw3", tmp_path / "work")
    assert found.layout == "github"
    assert [one.student_key for one in found.found] == ["ana", "anders"]
    sha = git(clone, "rev-parse", "HEAD")
    for one in found.found:
        assert (one.commit, one.time_from) == (sha, "commit")
        assert one.submitted_at == datetime.fromtimestamp(WHEN + 19, UTC)


def repository(folder: Path, head: str = "ref: refs/heads/main\n", **files: str | bytes) -> Path:
    files = {"HEAD": head, **{name.replace("__", "/"): data for name, data in files.items()}}
    for name, data in files.items():
        path = folder / ".git" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    "head",
    ["", "ref: refs/heads/../../../outside\n", "ref: /etc/passwd\n", "ref: HEAD\n", "x" * 9999],
    ids=["empty", "up", "absolute", "itself", "long"],
)
def test_a_head_that_leads_elsewhere_is_no_commit(tmp_path: Path, head: str) -> None:
    (tmp_path / "outside").write_text(SHA)
    assert head_commit(repository(tmp_path / "clone", head)) is None


def test_refs_in_a_circle_end(tmp_path: Path) -> None:
    circle = "ref: refs/heads/main\n"
    assert head_commit(repository(tmp_path, circle, refs__heads__main=circle)) is None


def test_links_in_a_clone_are_not_followed(tmp_path: Path) -> None:
    clone = repository(tmp_path / "a", refs__heads__main=SHA)
    found = head_commit(clone)
    assert found is not None
    assert (found.sha, found.at) == (SHA, None)
    linked = repository(tmp_path / "b")
    (linked / ".git" / "refs").symlink_to(clone / ".git" / "refs")
    assert head_commit(linked) is None
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / ".git").symlink_to(clone / ".git")
    assert head_commit(tmp_path / "c") is None
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / ".git").write_text(f"gitdir: {clone}/.git\n")
    assert head_commit(tmp_path / "d") is None


def test_an_object_that_is_not_what_its_name_says_has_no_time(tmp_path: Path) -> None:
    content = b"tree x\ncommitter A <a@b> 1790942400 +0000\n\nmessage"
    forged = zlib.compress(b"commit %d\0" % len(content) + content)
    name = f"objects__{SHA[:2]}__{SHA[2:]}"
    clone = repository(tmp_path, refs__heads__main=SHA, **{name: forged})
    found = head_commit(clone)
    assert found is not None
    assert found.at is None


@needs_git
def test_a_damaged_pack_has_no_time(clone: Path) -> None:
    git(clone, "gc", "-q")
    sha = git(clone, "rev-parse", "HEAD")
    (pack,) = (clone / ".git" / "objects" / "pack").glob("*.pack")
    original = pack.read_bytes()
    pack.chmod(0o600)
    for damaged in (original[:40], b"", original[:12] + b"\xff" * (len(original) - 12)):
        pack.write_bytes(damaged)
        found = head_commit(clone)
        assert found is not None
        assert (found.sha, found.at) == (sha, None)


def test_a_bomb_of_an_object_is_not_unpacked(tmp_path: Path) -> None:
    bomb = zlib.compress(b"\0" * (64 << 20))
    name = f"objects__{SHA[:2]}__{SHA[2:]}"
    found = head_commit(repository(tmp_path, refs__heads__main=SHA, **{name: bomb}))
    assert found is not None
    assert found.at is None
