"""Fills a file that lies in memory alone."""
# category: resources
# stopped by: seccomp, rlimits
# shown: unconfined won

import os


def attack():
    fd = os.memfd_create("hidden")
    for _ in range(64):
        os.write(fd, bytes(1 << 20))
    os.close(fd)
    return True
