"""Made-up `.git` folders: a commit is read or it is not, in little time and memory."""

from __future__ import annotations

import hashlib
import os
import resource
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.discover import discover
from grader.discover.commit import Commit, head_commit
from grader.discover.layouts import when

from .test_commit import SHA, clone, git, needs_git, repository
from .test_layouts import SOURCE, write

__all__ = ["clone"]
NOTHING = "00" * 20
QUIET = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def index_of(offset: int, name: str = NOTHING, count: int = 1) -> bytes:
    """A pack's index of one object, which says that it lies at `offset`, in 64 bits."""
    first = int(name[:2], 16)
    fanout = struct.pack(">256I", *[0] * first, *[count] * (256 - first))
    large = struct.pack(">I", 0x8000_0000) + struct.pack(">Q", offset)
    return b"\xfftOc\x00\x00\x00\x02" + fanout + bytes.fromhex(name) + bytes(4) + large + bytes(40)


def entry(kind: int, content: bytes, said: int | None = None) -> bytes:
    size = len(content) if said is None else said
    head, size = [(kind << 4) | (size & 15)], size >> 4
    while size:
        head[-1] |= 0x80
        head.append(size & 0x7F)
        size >>= 7
    return bytes(head)


def packed(folder: Path, index: bytes, pack: bytes, head: str = NOTHING) -> Path:
    files = {"objects__pack__p.idx": index, "objects__pack__p.pack": pack}
    return repository(folder, head + "\n", **files)


@pytest.mark.parametrize(
    "offset", [0, 11, 12, 99, 104, 2**31, 2**32, 2**62, 2**63 - 1, 2**63, 2**63 + 5, 2**64 - 1]
)
def test_an_offset_that_leads_elsewhere_is_no_commit(tmp_path: Path, offset: int) -> None:
    clone = packed(tmp_path / "eve", index_of(offset), b"PACK" + bytes(100))
    assert head_commit(clone) == Commit(sha=NOTHING, at=None)


@pytest.mark.parametrize("count", [0, 2, 1000, 2**32 - 1])
def test_a_count_that_is_not_so_is_no_commit(tmp_path: Path, count: int) -> None:
    clone = packed(tmp_path / "eve", index_of(12, count=count), b"PACK" + bytes(100))
    assert head_commit(clone) == Commit(sha=NOTHING, at=None)


def test_a_hostile_pack_stops_nobody_else(tmp_path: Path) -> None:
    folder = write(tmp_path / "class", {"ada/hw3.py": SOURCE, "eve/hw3.py": SOURCE})
    packed(folder / "eve", index_of(2**63 + 5), b"PACK" + bytes(100))
    found = discover(folder, "hw3", "hw3", tmp_path / "work")
    assert [(one.student_key, one.unreadable) for one in found.found] == [
        ("ada", None),
        ("eve", None),
    ]
    assert found.problems == ("the time of the commit of 'eve' cannot be read",)


@pytest.mark.parametrize("error", [ValueError("x"), RecursionError(), MemoryError()])
@pytest.mark.parametrize("names", [("ada", "eve"), ("hw3-ada", "hw3-eve")])
def test_what_nobody_thought_of_is_a_record_of_that_submission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, names: tuple[str, str]
) -> None:
    def fail(clone: Path) -> Commit | None:
        raise error

    ada, eve = names
    files = {f"{ada}/hw3.py": SOURCE, f"{eve}/hw3.py": SOURCE, f"{eve}/.git/HEAD": "x"}
    monkeypatch.setattr(when, "head_commit", fail)
    found = discover(write(tmp_path / "class", files), "hw3", "hw3", tmp_path / "work")
    reason = f"Looking into it failed ({type(error).__name__})."
    assert [one.unreadable for one in found.found] == [None, reason]


def no_end() -> bytes:
    """A stream of blocks that hold nothing."""
    return b"\x78\x9c" + b"\x00\x00\x00\xff\xff" * 8_000_000


def long_chain() -> tuple[bytes, int]:
    """Deltas on deltas, each of a megabyte of single bytes copied; and where the last begins."""
    size = 1 << 20
    delta = bytes([0x80 | (size & 0x7F), 0x80 | (size >> 7 & 0x7F), size >> 14]) * 2
    delta += b"\x90\x01" * ((size - len(delta)) // 2)
    body = zlib.compress(b"x" * size)
    pack, at = bytearray(b"PACK" + bytes(8) + entry(1, b"", size) + body), 12
    for _ in range(90):
        here, back = len(pack), []
        distance = here - at
        back.insert(0, distance & 0x7F)
        while distance := distance >> 7:
            distance -= 1
            back.insert(0, 0x80 | (distance & 0x7F))
        pack += entry(6, delta) + bytes(back) + zlib.compress(delta)
        at = here
    return bytes(pack), at


def bounded(work: Callable[[], object]) -> None:
    """Done within seconds and a few dozen megabytes."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    tracemalloc.start()
    try:
        work()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 64 << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 8


def test_a_stream_without_an_end_ends(tmp_path: Path) -> None:
    clone = packed(tmp_path, index_of(12), b"PACK" + bytes(8) + entry(1, b"x") + no_end())
    bounded(lambda: head_commit(clone))


def test_a_chain_of_large_deltas_in_many_packs_is_given_up(tmp_path: Path) -> None:
    pack, at = long_chain()
    clone = packed(tmp_path, index_of(at), pack)
    for i in range(100):
        for suffix in ("idx", "pack"):
            folder = clone / ".git" / "objects" / "pack"
            os.link(folder / f"p.{suffix}", folder / f"p{i}.{suffix}")
    bounded(lambda: head_commit(clone))


@pytest.mark.parametrize("line", ["\n", "ab\n", f"{SHA} refs/heads/other\n", "^" * 99 + "\n"])
def test_huge_packed_refs_are_searched_in_little(tmp_path: Path, line: str) -> None:
    text = line * (7_900_000 // len(line)) + f"{SHA} refs/heads/main\n"
    clone = repository(tmp_path, **{"packed-refs": text})
    bounded(lambda: head_commit(clone))
    assert head_commit(clone) == Commit(sha=SHA, at=None)


def test_a_folder_of_a_hundred_thousand_packs(tmp_path: Path) -> None:
    clone = packed(tmp_path, index_of(12), b"PACK" + bytes(100))
    folder = clone / ".git" / "objects" / "pack"
    for i in range(100_000):
        os.mknod(folder / f"{i}.idx")
    bounded(lambda: head_commit(clone))


@pytest.mark.parametrize("place", ["HEAD", "packed-refs", "refs/heads/main", "objects", "pack"])
@pytest.mark.parametrize("kind", ["link", "FIFO", "folder"])
def test_what_is_no_file_in_a_clone_is_passed_over(tmp_path: Path, place: str, kind: str) -> None:
    content = b"tree x\ncommitter A <a@b> 1790942400 +0000\n\nmessage"
    data = b"commit %d\0" % len(content) + content
    sha = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    other = repository(tmp_path / "other", f"{sha}\n", refs__heads__main=sha)
    clone = repository(tmp_path / "eve", **{f"objects__{sha[:2]}__{sha[2:]}": zlib.compress(data)})
    target = clone / ".git" / ("objects/pack" if place == "pack" else place)
    if target.is_dir():
        target.rename(tmp_path / "moved")
    target.unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    if kind == "link":
        target.symlink_to(other / ".git" / place)
    elif kind == "FIFO":
        os.mkfifo(target)
    else:
        target.mkdir()
    started = time.monotonic()
    assert head_commit(clone) is None
    assert time.monotonic() - started < 5


def test_objects_of_elsewhere_are_not_looked_for(tmp_path: Path) -> None:
    content = b"tree x\ncommitter A <a@b> 1790942400 +0000\n\nmessage"
    data = b"commit %d\0" % len(content) + content
    sha = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    files = {f"objects__{sha[:2]}__{sha[2:]}": zlib.compress(data)}
    other = repository(tmp_path / "other", f"{sha}\n", **files)
    assert head_commit(other) != Commit(sha=sha, at=None)
    alternates = {"objects__info__alternates": f"{other}/.git/objects\n"}
    eve = repository(tmp_path / "eve", f"{sha}\n", commondir=f"{other}/.git\n", **alternates)
    assert head_commit(eve) == Commit(sha=sha, at=None)


def test_a_link_to_a_clone_outside_gives_nothing_of_it(tmp_path: Path) -> None:
    other = repository(tmp_path / "other", f"{SHA}\n")
    folder = write(tmp_path / "class", {"ada/hw3.py": SOURCE, "ben/hw3.py": SOURCE})
    (folder / "eve").symlink_to(other)
    (folder / "ben" / ".git").symlink_to(other / ".git")
    found = discover(folder, "hw3", "hw3", tmp_path / "work")
    assert [one.commit for one in found.found if one.student_key != "eve"] == [None, None]


@needs_git
@given(data=st.data())
@QUIET
def test_a_changed_clone_is_read_or_not(clone: Path, data: st.DataObject) -> None:
    """Of a clone with loose and packed objects, any bytes of any file are changed."""
    root = clone / ".git"
    if not list(root.glob("objects/pack/*.idx")):
        git(clone, "gc", "-q", "--aggressive")
        git(clone, "pack-refs", "--all")
        for path in root.rglob("*.pack"):
            path.chmod(0o600)
    wanted = [*root.glob("objects/pack/*.idx"), *root.glob("objects/pack/*.pack")]
    wanted += [root / "HEAD", root / "packed-refs"]
    path = data.draw(st.sampled_from(sorted(wanted)))
    original = path.read_bytes()
    changed = bytearray(original)
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, max(len(changed) - 1, 0)))
        new = data.draw(st.binary(max_size=9) | st.just(b"\xff" * 8) | st.just(b"\x80" * 8))
        changed[at : at + data.draw(st.sampled_from([len(new), 0, len(changed)]))] = new
    path.chmod(0o600)
    path.write_bytes(changed)
    try:
        started = time.monotonic()
        found = head_commit(clone)
        assert found is None or len(found.sha) == 40
        assert time.monotonic() - started < 5
    finally:
        path.write_bytes(original)


@given(body=st.binary(max_size=300), offset=st.integers(0, 320) | st.integers(0, 2**64 - 1))
@QUIET
def test_any_pack_is_read_or_not(tmp_path: Path, body: bytes, offset: int) -> None:
    clone = packed(tmp_path / "eve", index_of(offset), b"PACK" + body)
    assert head_commit(clone) == Commit(sha=NOTHING, at=None)


parts = st.tuples(st.sampled_from([1, 2, 6, 7]), st.binary(max_size=40), st.integers(0, 2**40))


@given(objects=st.lists(parts, min_size=1, max_size=6), pick=st.integers(0, 5), back=st.binary())
@QUIET
def test_any_chain_of_deltas_is_read_or_not(
    tmp_path: Path, objects: list[tuple[int, bytes, int]], pick: int, back: bytes
) -> None:
    pack, places = bytearray(b"PACK" + bytes(8)), []
    for kind, content, said in objects:
        places.append(len(pack))
        base = {6: (back or b"\x01")[:9], 7: bytes(20)}.get(kind, b"")
        size = len(content) if said % 2 else said
        pack += entry(kind, content, size) + base + zlib.compress(content)
    clone = packed(tmp_path / "eve", index_of(places[pick % len(places)]), bytes(pack))
    assert head_commit(clone) == Commit(sha=NOTHING, at=None)


@given(text=st.text(max_size=200) | st.builds("ref: refs/heads/{}".format, st.text(max_size=60)))
@QUIET
def test_any_head_is_read_or_not(tmp_path: Path, text: str) -> None:
    clone = repository(tmp_path / "eve")
    (clone / ".git" / "HEAD").write_bytes(text.encode("utf-8", "surrogatepass"))
    found = head_commit(clone)
    assert found is None or len(found.sha) == 40
