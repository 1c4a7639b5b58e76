"""Makes a map of the kernel's own virtual machine."""
# category: kernel
# stopped by: seccomp
# shown: unconfined won root

import ctypes
import os
import struct


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    attributes = struct.pack("IIII", 2, 4, 8, 1) + bytes(112)  # an array of one
    number = 321 if os.uname().machine == "x86_64" else 280
    fd = libc.syscall(number, 0, attributes, len(attributes))
    if fd < 0:
        raise OSError(ctypes.get_errno(), "bpf")
    os.close(fd)
    return True
