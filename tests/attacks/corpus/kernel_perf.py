"""Opens a performance counter."""
# category: kernel
# stopped by: seccomp
# shown: unconfined won root

import ctypes
import os
import struct


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    attributes = struct.pack("IIQ", 1, 128, 0) + bytes(112)  # the software's clock
    number = 298 if os.uname().machine == "x86_64" else 241
    fd = libc.syscall(number, attributes, 0, -1, -1, 0)
    if fd < 0:
        raise OSError(ctypes.get_errno(), "perf_event_open")
    os.close(fd)
    return True
