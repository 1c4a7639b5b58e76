"""Sets up a ring through which system calls go past the filter."""
# category: kernel
# stopped by: seccomp
# shown: unconfined won root

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.syscall(425, 1, ctypes.create_string_buffer(120))
    if fd < 0:
        raise OSError(ctypes.get_errno(), "io_uring_setup")
    os.close(fd)
    return True
