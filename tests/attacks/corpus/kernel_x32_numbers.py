"""Makes system calls by the numbers of another calling convention, which a filter may not know."""
# category: kernel
# stopped by: seccomp
# expects: crashed or passed

import ctypes
import os


def attack():
    if os.uname().machine != "x86_64":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.syscall(0x40000000 + 41, 1, 1, 0)  # socket
    if fd < 0:
        raise OSError(ctypes.get_errno(), "x32 socket")
    return True
