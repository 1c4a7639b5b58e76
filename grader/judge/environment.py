"""What can change a score beside submission and suite, and its hash; found without importing much.

Versions, how torch is kept deterministic on the device, and which of the data sets that it may
use are here.
"""

from __future__ import annotations

import functools
import hashlib
import platform
from importlib import metadata
from pathlib import Path

from grader import __version__
from grader.course.manifest import Assignment

# how chance is kept out of torch's arithmetic; see grader.worker.gpu and grader.judge.launch
DETERMINISM = {
    "cpu": "one thread",
    "cuda": "cuDNN deterministic without autotuning, no TF32, a fixed cuBLAS workspace",
}


def environment(assignment: Assignment, device: str, data_dir: Path | None) -> dict[str, str]:
    """Names to versions and the like, for the report; `environment_hash` makes one word of it."""
    found = dict(versions(assignment.needs))
    if "torch" in found:
        found["determinism"] = DETERMINISM[device]
    if assignment.data:
        from grader.data import available

        here = [name for name in assignment.data if name in available(data_dir)]
        found["data"] = ", ".join(here) or "embedded"
    return found


@functools.cache
def versions(needs: tuple[str, ...]) -> dict[str, str]:
    """Versions of the grader, Python, numpy and the packages that a homework needs.

    Template and judge are the same installation, so what is installed here is what runs there.
    """
    packages = {"numpy", *(name.split(".")[0] for name in needs)}
    if "torch" in packages:
        packages.add("torchvision")
    found = {"grader": __version__, "python": platform.python_version()}
    for package in sorted(packages):
        try:
            found[package] = metadata.version({"sklearn": "scikit-learn"}.get(package, package))
        except metadata.PackageNotFoundError:
            continue
    return found


def environment_hash(found: dict[str, str]) -> str:
    """Changes with any of these versions."""
    text = "\n".join(f"{name} {version}" for name, version in sorted(found.items()))
    return hashlib.sha256(text.encode()).hexdigest()
