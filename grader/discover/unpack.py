"""A zip of a whole class, unpacked on disk as far as the limits go.

Only regular files with plain names are written, and of a clone only what its commit is read from,
never its hooks or configuration. What is left out is told. Sizes that the zip states are not
trusted. A zip of one student inside stays a zip.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import tempfile
import zipfile
from pathlib import Path

from grader.errors import UsageError
from grader.submission.archive import name_in_zip
from grader.submission.limits import MIB, ZIP_BYTES
from grader.submission.listing import is_clutter, name_fault, shown

ENTRIES = 500_000
FILE_BYTES = ZIP_BYTES
UNPACKED_BYTES = 16 * 1024 * MIB
METADATA_BYTES = 256 * MIB  # Gradescope's
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_CHUNK = 256 * 1024
_OF_GIT = ("HEAD", "packed-refs", "refs/", "objects/")


def unpack(path: Path, work: Path) -> tuple[Path, list[str]]:
    """Unpack `path` into a folder of `work` and return it, with a line for what was left out.

    The folder is named by the zip's content: what is there whole is used again. UsageError where
    the zip cannot be read, or is too large.
    """
    try:
        digest = _digest(path)
        work.mkdir(parents=True, exist_ok=True)
        target = work / f"zip-{digest[:32]}"
        if (target / "content").is_dir():
            lines = (target / "left-out.txt").read_text(encoding="utf-8").splitlines()
            return target / "content", lines
        partial = Path(tempfile.mkdtemp(prefix="unpacking-", dir=work))
    except OSError as err:
        raise UsageError(f"{str(path)!r} cannot be unpacked: {err.strerror}.") from err
    try:
        (partial / "content").mkdir()
        lines = _write_all(path, partial / "content")
        (partial / "left-out.txt").write_text("\n".join(lines), encoding="utf-8")
        if not target.exists():
            os.replace(partial, target)
    except OSError as err:
        raise UsageError(f"{str(path)!r} cannot be unpacked: {err.strerror}.") from err
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target / "content", lines


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_all(path: Path, folder: Path) -> list[str]:
    lines: list[str] = []
    left = UNPACKED_BYTES
    try:
        archive = zipfile.ZipFile(path)
        infos = archive.infolist()
    except Exception as err:  # whatever a made-up directory provokes in the reader
        raise UsageError(f"{str(path)!r} is no zip that can be read.") from err
    with archive:
        if len(infos) > ENTRIES:
            raise UsageError(f"{str(path)!r} holds more than {ENTRIES} files.")
        for info in infos:
            name = name_in_zip(info).removeprefix("./")
            if name.endswith("/") or _is_unwanted(name):
                continue
            fault, written = name_fault(name) or _fault(info), 0
            if fault is None:
                fault, written = _write(archive, info, folder / name, min(left, _limit(name)))
            if fault is not None:
                lines.append(f"{shown(name)} in the zip was left out: {fault}")
            left -= written
            if left <= 0:
                raise UsageError(
                    f"{str(path)!r} unpacks to more than {UNPACKED_BYTES // MIB} MiB.",
                    hint="Unpack it yourself and give the folder.",
                )
    return lines


def _write(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, limit: int
) -> tuple[str | None, int]:
    """Unpack one file, whole or not at all; what was wrong with it, and the bytes unpacked."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        file = target.open("xb")
    except FileExistsError:
        return "there is another of its name", 0
    except NotADirectoryError:
        return "its folder is a file too", 0
    except OSError as err:
        if err.errno in (errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL):
            return "its name cannot be used on this machine", 0
        raise
    written, fault = 0, None
    with file:
        try:
            with archive.open(info) as packed:
                while fault is None and (part := packed.read(_CHUNK)):
                    written += len(part)
                    fault = "it is too large" if written > limit else None
                    file.write(part)
        except OSError:
            raise
        except Exception:  # whatever a made-up entry provokes in the reader
            fault = "it is damaged"
    if fault is not None:
        target.unlink()
    return fault, written


def _limit(name: str) -> int:
    return METADATA_BYTES if name.endswith("submission_metadata.yml") else FILE_BYTES


def _is_unwanted(name: str) -> bool:
    """Hidden things and caches, but not what a clone's commit is read from."""
    before, found, inside = name.partition(".git/")
    if found and (not before or before.endswith("/")) and not is_clutter(f"{before}x"):
        return not inside.startswith(_OF_GIT)
    return is_clutter(name)


def _fault(info: zipfile.ZipInfo) -> str | None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "it is a symbolic link"
    if kind not in (0, stat.S_IFREG):
        return "it is no regular file"
    if info.flag_bits & _ENCRYPTED:
        return "it is encrypted"
    if info.compress_type not in _METHODS:
        return "it is compressed in an unusual way"
    return None
