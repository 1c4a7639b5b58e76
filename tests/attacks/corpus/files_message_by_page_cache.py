"""Asks which pages of a shared file are in memory, which another worker could have chosen."""
# category: files
# stopped by: seccomp

import os


def attack():
    shared = os.open(os.__file__, os.O_RDONLY)
    os.posix_fadvise(shared, 0, 0, os.POSIX_FADV_DONTNEED)
    os.preadv(shared, [bytearray(1)], 0, os.RWF_NOWAIT)
    return True
