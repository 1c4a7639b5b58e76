"""Runs every benchmark, or the ones named, one after the other.

Usage: python -m benchmarks [--list | NAME ...]
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHORT = {  # what each is given when all are run; alone, each has options of its own
    "check_speed": [],
    "reference_speed": [],
    "batch_speed": [],
    "other_tools.compare": [],
    "soak": ["--submissions", "200"],
}


def main(names: list[str]) -> int:
    if names == ["--list"]:
        for name, options in SHORT.items():
            title = (importlib.import_module(f"benchmarks.{name}").__doc__ or "").splitlines()[0]
            print(f"{' '.join([name, *options])}\n    {title}")
        print("\nEach alone, as python -m benchmarks.NAME, takes --help.")
        return 0
    names = names or list(SHORT)
    unknown = [name for name in names if name not in SHORT]
    if unknown:
        print(f"no benchmark {unknown[0]!r}; there are {', '.join(SHORT)}", file=sys.stderr)
        return 2
    failed = []
    for name in names:
        print(f"\n== {name}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", *SHORT[name]]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
