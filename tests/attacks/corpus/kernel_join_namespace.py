"""Joins the network namespace of the process that grades."""
# category: kernel
# stopped by: pidns, mountns, landlock, seccomp

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    fd = os.open("/proc/@JUDGE_PID@/ns/net", os.O_RDONLY)
    if libc.setns(fd, 0):
        raise OSError(ctypes.get_errno(), "setns")
    return True
