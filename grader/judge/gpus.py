"""Which graphics cards this machine has, by the driver's files: asking torch costs its import."""

from __future__ import annotations

import os
import shutil
import sys

VISIBLE = "CUDA_VISIBLE_DEVICES"


def present() -> tuple[str, ...]:
    """The cards that CUDA would show, named as in CUDA_VISIBLE_DEVICES; none is ()."""
    if VISIBLE in os.environ:
        return tuple(name for name in os.environ[VISIBLE].replace(" ", "").split(",") if name)
    if sys.platform == "win32":
        return ("0",) if shutil.which("nvidia-smi") else ()
    try:
        names = os.listdir("/dev")
    except OSError:
        return ()
    # a container may have been given /dev/nvidia3 alone, which is CUDA's first card there
    count = sum(name.startswith("nvidia") and name[6:].isdigit() for name in names)
    return tuple(map(str, range(count)))
