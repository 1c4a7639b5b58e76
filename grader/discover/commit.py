"""The commit that a clone is at and when it was made, read from its files by hand.

Git itself is not run: a clone's own configuration can make it run other programs. Links are not
followed and every size is bounded; anything unusual gives None. The time is the committer's, as
the student's machine said it.
"""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from grader.discover.listing import is_folder, read_small
from grader.discover.pack import Budget, read_packed

_HASH = re.compile(r"[0-9a-f]{40}\Z")
_REF = re.compile(r"refs/(?!.*\.\.)[A-Za-z0-9._/+@-]{1,200}\Z")
_COMMITTER = re.compile(rb"^committer [^\n]*> (\d{1,12}) [+-]\d{4}$", re.M)
_SMALL, _REFS = 4096, 8 << 20
_COMMIT = 1 << 20  # a commit's message may be long
_UNPACKED = 4 << 20  # of one clone, all that leads to its commit
_PACKS, _PACK_FOLDER = 200, 20_000  # packs looked at, and names among which they are looked for
_LATEST = 253_402_300_799  # the end of the year 9999


@dataclass(frozen=True, kw_only=True)
class Commit:
    """A commit's hash and, where it could be read, the time it was made."""

    sha: str
    at: datetime | None


def head_commit(clone: Path) -> Commit | None:
    """The commit that the clone in `clone` has checked out; None where that cannot be told."""
    git = clone / ".git"
    if not is_folder(git):
        return None
    sha = _resolve(git, "HEAD")
    if sha is None:
        return None
    content = _loose(git, sha) or _packed(git, sha)
    return Commit(sha=sha, at=None if content is None else _time(content))


def _resolve(git: Path, ref: str) -> str | None:
    for _ in range(5):  # HEAD names a branch, which names a commit
        data = read_small(git, ref, _SMALL)
        text = _packed_ref(git, ref) if data is None else data.decode("ascii", "replace").strip()
        if text is None or _HASH.match(text):
            return text
        if not text.startswith("ref: "):
            return None
        ref = text.removeprefix("ref: ").strip()
        if not _REF.match(ref):
            return None
    return None


def _packed_ref(git: Path, ref: str) -> str | None:
    """Searched as bytes: a text of millions of lines would be as many objects."""
    data = read_small(git, "packed-refs", _REFS) or b""
    found = re.search(rb"^([0-9a-f]{40}) %b\r?$" % re.escape(ref.encode()), data, re.M)
    return found[1].decode() if found else None


def _loose(git: Path, sha: str) -> bytes | None:
    data = read_small(git, f"objects/{sha[:2]}/{sha[2:]}", _COMMIT)
    if data is None:
        return None
    try:
        unpacked = zlib.decompressobj().decompress(data, _COMMIT)
    except zlib.error:
        return None
    header, _, content = unpacked.partition(b"\0")
    return _checked(sha, content) if header == b"commit %d" % len(content) else None


def _packed(git: Path, sha: str) -> bytes | None:
    folder = git / "objects" / "pack"
    if not (is_folder(git / "objects") and is_folder(folder)):
        return None
    try:
        with os.scandir(folder) as found:
            listed = sorted(entry.name for entry in islice(found, _PACK_FOLDER))
    except OSError:
        return None
    budget = Budget(_UNPACKED)
    for name in [name for name in listed if name.endswith(".idx")][:_PACKS]:
        content = read_packed(folder / name, bytes.fromhex(sha), _COMMIT, budget)
        if content is not None:
            return _checked(sha, content)
    return None


def _checked(sha: str, content: bytes) -> bytes | None:
    digest = hashlib.sha1(b"commit %d\0" % len(content) + content, usedforsecurity=False)
    return content if digest.hexdigest() == sha else None


def _time(content: bytes) -> datetime | None:
    match = _COMMITTER.search(content.partition(b"\n\n")[0])
    if match is None or int(match[1]) > _LATEST:
        return None
    return datetime.fromtimestamp(int(match[1]), UTC)
