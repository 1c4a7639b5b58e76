"""Starts a program by posix_spawn, without a fork that Python knows of."""
# category: processes
# stopped by: seccomp
# shown: unconfined won

import os


def attack():
    pid = os.posix_spawn("/bin/true", ["true"], {})
    return os.waitpid(pid, 0)[1] == 0
