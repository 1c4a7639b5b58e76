"""Looks through all its open descriptors for a file or a socket that was left open."""
# category: files
# stopped by: closed descriptors
# shown: naive won

import os
import stat


def attack():
    found = []
    for fd in range(3, 1024):
        try:
            kind = os.fstat(fd).st_mode
        except OSError:
            continue
        if stat.S_ISREG(kind) or stat.S_ISDIR(kind):
            found.append(fd)
        elif stat.S_ISSOCK(kind):
            found.append("socket")
    # the worker's own channel is one socket; pytest holds copies of its output
    return [fd for fd in found if fd != "socket"] or found.count("socket") > 1
