"""Mounts a file system over its scratch folder."""
# category: kernel
# stopped by: caps, seccomp
# shown: unconfined won root

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    here = os.getcwd().encode()
    if libc.mount(b"none", here, b"tmpfs", 0, None):
        raise OSError(ctypes.get_errno(), "mount")
    libc.umount2(here, 2)
    return True
