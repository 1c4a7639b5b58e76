"""Where the grader keeps files of its own on this machine."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """What can be made or fetched again: $XDG_CACHE_HOME/grader, else ~/.cache/grader."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "grader"


def data_folder(data_dir: str | Path | None = None) -> Path:
    """The folder of fetched data: `data_dir`, else $GRADER_DATA, else in the cache folder."""
    return Path(data_dir or os.environ.get("GRADER_DATA") or cache_folder() / "data").expanduser()
