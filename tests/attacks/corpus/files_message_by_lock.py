"""Leaves a lock on a file that all workers read: the next one could read a bit of it."""
# category: files
# stopped by: seccomp
# shown: unconfined won

import fcntl
import os
import struct

LOCK = "hhqqi4x"


def attack():
    mine, other = (os.open(os.__file__, os.O_RDONLY) for _ in range(2))
    won = []
    try:
        fcntl.fcntl(mine, fcntl.F_OFD_SETLK, struct.pack(LOCK, fcntl.F_RDLCK, 0, 5, 1, 0))
        asked = struct.pack(LOCK, fcntl.F_WRLCK, 0, 5, 1, 0)
        found = struct.unpack(LOCK, fcntl.fcntl(other, fcntl.F_OFD_GETLK, asked))
        won += ["a range"] if found[0] != fcntl.F_UNLCK else []
    except OSError:
        pass
    fcntl.flock(mine, fcntl.LOCK_EX)
    try:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        won.append("the file")
    if not won:
        raise PermissionError("no lock was seen")
    return won
