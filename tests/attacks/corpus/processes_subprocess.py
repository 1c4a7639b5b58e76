"""Runs a Python of its own."""
# category: processes
# stopped by: seccomp
# shown: unconfined won

import subprocess
import sys


def attack():
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", "print('hello')"], capture_output=True, check=True
    ).stdout
