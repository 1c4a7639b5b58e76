"""Moves to the cores that others work on."""
# category: processes
# stopped by: seccomp
# shown: unconfined won

import os


def attack():
    os.sched_setaffinity(0, range(os.cpu_count()))
    return True
