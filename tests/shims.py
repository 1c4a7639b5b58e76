"""Virtual environments without a network: what is installed here can be imported in them, too."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

_SHIM = """#!/bin/sh
# {python}, but a new virtual environment also sees the packages of the one that runs the tests
"{python}" "$@" || exit $?
case "$*" in
  *"-m venv"*)
    for last; do :; done
    for site in "$last"/lib/python*/site-packages; do echo "{packages}" > "$site/shared.pth"; done
    ;;
esac
"""


def python_shim(folder: Path, *names: str) -> Path:
    """A folder for the PATH with these names of Python; give pip --no-deps beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    text = _SHIM.format(python=sys.executable, packages=sysconfig.get_path("purelib"))
    for name in names:
        shim = folder / name
        shim.write_text(text)
        shim.chmod(0o755)
    return folder
