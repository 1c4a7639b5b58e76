"""Signals the process that started it, or the one that grades (signal 0: only whether it may)."""
# category: processes
# stopped by: pidns, landlock, seccomp
# shown: unconfined won

import os


def attack():
    os.kill(os.getppid() or int("@JUDGE_PID@"), 0)
    return True
