"""A class of the tiny course: good, wrong, hanging, hostile and unreadable submissions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import TINY

SOLUTION = (TINY / "reference" / "tiny" / "solution.py").read_text()

# source and expected score of each kind of submission; None is a folder without one
KINDS: dict[str, tuple[str | None, float]] = {
    "good": (SOLUTION, 9.25),
    "wrong": (SOLUTION.replace("return 2 * x", "return x"), 3.5),
    "half": (SOLUTION.replace("self.n += 1", "self.n += 2"), 6.75),
    "exits": (SOLUTION.replace("return 2 * x", "__import__('os')._exit(0)"), 3.5),
    "kills": (
        "import os, signal\ntry:\n    os.kill(os.getppid(), 9)\nexcept OSError:\n    pass\n"
        + SOLUTION,
        9.25,
    ),
    "syntax": ("def double(x:\n", 0.0),
    "starter": ("def double(x):\n    raise NotImplementedError\n", 0.0),
    "missing": (None, 0.0),
}


def write_class(folder: Path, size: int) -> dict[str, float]:
    """`size` submissions in turn of each kind; the expected score by student."""
    expected = {}
    for i in range(size):
        kind, (source, score) = list(KINDS.items())[i % len(KINDS)]
        student = f"s{i:03d}-{kind}"
        (folder / student).mkdir(parents=True)
        if source is not None:
            (folder / student / "tiny.py").write_text(f"{source}\n# student {i}\n")
        expected[student] = score
    return expected


@pytest.fixture
def tiny_class(tmp_path: Path) -> tuple[Path, dict[str, float]]:
    folder = tmp_path / "class"
    return folder, write_class(folder, 16)
