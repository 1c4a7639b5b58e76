"""The versions that can change a score, and their hash; found without importing anything."""

from __future__ import annotations

import functools
import hashlib
import platform
from importlib import metadata

from grader import __version__


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
