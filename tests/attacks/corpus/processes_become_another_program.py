"""Replaces itself by a shell that would answer in its place."""
# category: processes
# stopped by: seccomp
# shown: unconfined decoys

import os


def attack():
    os.execv("/bin/sh", ["sh", "-c", "touch @OUTSIDE@/by-the-new-program"])
