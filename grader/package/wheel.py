"""A wheel of the grader that is running, made from its own files: no build tool, no network.

The same files give the same bytes, so a package changes only where the grader or a course does.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from importlib import metadata
from pathlib import Path

import grader
from grader.errors import UsageError

EPOCH = (1980, 1, 1, 0, 0, 0)
_WHEEL = "Wheel-Version: 1.0\nGenerator: grader\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def wheel(leave_out: str | None = None) -> tuple[str, bytes]:
    """File name and content of the wheel; UsageError where the grader is not installed.

    Files of the package whose names begin with `leave_out` are not in it.
    """
    installed = _installed()
    info = f"grader-{installed.version}.dist-info"
    files = _package_files()
    if leave_out is not None:
        files = {name: files[name] for name in files if not name.startswith(leave_out)}
    files[f"{info}/METADATA"] = (installed.read_text("METADATA") or "").encode()
    files[f"{info}/WHEEL"] = _WHEEL.encode()
    files[f"{info}/entry_points.txt"] = (installed.read_text("entry_points.txt") or "").encode()
    record = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    return f"grader-{installed.version}-py3-none-any.whl", zip_of(files)


def zip_of(files: dict[str, bytes], executable: frozenset[str] = frozenset()) -> bytes:
    """A zip of files by name, in this order and of no date."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if name in executable else 0o100644) << 16
            archive.writestr(entry, content)
    return out.getvalue()


def pinned_versions(extras: list[str]) -> str:
    """The versions installed here of all that the grader needs, as lines for `pip install -c`."""
    found: dict[str, str] = {}
    waiting = [("grader", frozenset(extras))]
    while waiting:
        name, wanted = waiting.pop()
        try:
            requires = (_installed() if name == "grader" else metadata.distribution(name)).requires
        except metadata.PackageNotFoundError:
            continue  # of another system, or of an extra that is not installed
        if name != "grader":
            found[name.lower()] = f"{name}=={metadata.version(name)}"
        for line in requires or ():
            needed = _NAME.match(line)
            extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)", line)
            if needed is None or (extra is not None and extra[1] not in wanted):
                continue
            if needed[0].lower() not in found:
                waiting.append((needed[0], frozenset()))
    return "".join(f"{found[name]}\n" for name in sorted(found))


def _installed() -> metadata.Distribution:
    """The grader as it is installed, not an egg-info that lies in the current folder."""
    for found in metadata.distributions(name="grader"):
        if found.read_text("METADATA"):
            return found
    raise UsageError(
        "The grader is not installed, so no wheel can be made of it.",
        hint="pip install -e . in its checkout",
    )


def _package_files() -> dict[str, bytes]:
    """The package's own files by their names in a wheel, sorted."""
    package = Path(grader.__file__).parent
    paths = [path for path in package.rglob("*") if path.is_file()]
    kept = [path for path in paths if "__pycache__" not in path.parts and path.suffix != ".pyc"]
    names = {path.relative_to(package.parent).as_posix(): path for path in kept}
    return {name: names[name].read_bytes() for name in sorted(names)}


def _digest(content: bytes) -> str:
    digest = hashlib.sha256(content).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
