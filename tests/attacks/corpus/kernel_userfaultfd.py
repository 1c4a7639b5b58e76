"""Asks to handle page faults itself, as attacks on the kernel do."""
# category: kernel
# stopped by: seccomp
# shown: unconfined won root

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.syscall(323 if os.uname().machine == "x86_64" else 282, os.O_CLOEXEC)
    if fd < 0:
        raise OSError(ctypes.get_errno(), "userfaultfd")
    os.close(fd)
    return True
