"""Runs a command by the shell."""
# category: processes
# stopped by: seccomp
# shown: unconfined won

import os


def attack():
    return os.system("touch @OUTSIDE@/by-the-shell") == 0
