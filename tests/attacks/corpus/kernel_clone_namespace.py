"""Clones itself into a new user and mount namespace."""
# category: kernel
# stopped by: seccomp

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    pid = libc.syscall(56 if os.uname().machine == "x86_64" else 220, 0x10020011, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    if pid < 0:
        raise OSError(ctypes.get_errno(), "clone")
    return bool(os.waitpid(pid, 0x40000000))
