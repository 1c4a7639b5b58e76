"""A homework in one piece, to be sent to other machines and unpacked there once.

Named by the hash of its content; holds what grading needs, hidden tests and keys included, and
nothing of any other homework.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader.course.manifest import COURSE_FILE, Assignment, load_assignment

_WANTED = (".py", ".toml")


@dataclass(frozen=True)
class Bundle:
    """`content` is a tar archive of the homework `homework`; `name` its SHA-256 in hex."""

    homework: str
    course_seed: int
    name: str
    content: bytes


def pack(assignment: Assignment) -> Bundle:
    """The manifest, tests, questions and keys of a homework."""
    buffer = io.BytesIO()
    roots = {"assignments": assignment.folder}
    if assignment.reference is not None:
        roots["reference"] = assignment.reference
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for part, root in roots.items():
            for path in sorted(root.rglob("*")):
                wanted = path.is_file() and path.suffix in _WANTED and path.name != COURSE_FILE
                if wanted and "__pycache__" not in path.parts:
                    name = f"{part}/{assignment.id}/{path.relative_to(root).as_posix()}"
                    _add(archive, name, path.read_bytes())
    content = buffer.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    return Bundle(assignment.id, assignment.course_seed, digest, content)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)  # no owner, no time: the same files give the same hash
    member.size = len(content)
    member.mode = 0o600
    archive.addfile(member, io.BytesIO(content))


def unpack(bundle: Bundle) -> Assignment:
    """The homework, in a private folder that this process' owner alone can read."""
    folder = Path(tempfile.mkdtemp(prefix=f"grader-{bundle.name[:12]}-"))
    with tarfile.open(fileobj=io.BytesIO(bundle.content)) as archive:
        archive.extractall(folder, filter="data")
    return load_assignment(folder, bundle.homework, bundle.course_seed)
