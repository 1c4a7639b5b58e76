"""Forks and forks (thirty times, each for a moment)."""
# category: processes
# stopped by: seccomp
# shown: unconfined won

import os
import time


def attack():
    children = []
    for _ in range(30):
        pid = os.fork()
        if pid == 0:
            time.sleep(0.2)
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    return len(children)
