"""Copies memory out of another process in one call."""
# category: processes
# stopped by: pidns, landlock, seccomp
# shown: unconfined won

import ctypes
import errno


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    local = ctypes.create_string_buffer(8)
    here = (ctypes.c_size_t * 2)(ctypes.addressof(local), 8)
    there = (ctypes.c_size_t * 2)(4096, 8)
    libc.process_vm_readv(int("@DECOY_PID@"), here, 1, there, 1, 0)
    if ctypes.get_errno() != errno.EFAULT:  # EFAULT: it may, but nothing is at that address
        raise OSError(ctypes.get_errno(), "process_vm_readv")
    return True
