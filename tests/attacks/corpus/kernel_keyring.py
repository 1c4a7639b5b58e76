"""Reads the session's keyring, which processes share."""
# category: kernel
# stopped by: seccomp
# shown: unconfined won

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    key = libc.syscall(250 if os.uname().machine == "x86_64" else 219, 0, -3, 1)
    if key < 0:
        raise OSError(ctypes.get_errno(), "keyctl")
    return key
