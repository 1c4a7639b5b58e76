"""Keeps another process to one core."""
# category: processes
# stopped by: pidns, seccomp
# shown: unconfined won

import os


def attack():
    os.sched_setaffinity(int("@DECOY_PID@"), {0})
    return True
