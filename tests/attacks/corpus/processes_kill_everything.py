"""Signals every process there is (signal 0: only whether it may)."""
# category: processes
# stopped by: pidns, landlock, seccomp
# shown: unconfined won

import os


def attack():
    os.kill(-1, 0)
    return True
