"""Turns off the randomisation of addresses."""
# category: kernel
# stopped by: seccomp
# shown: unconfined won

import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.personality(0x0040000) < 0:
        raise OSError(ctypes.get_errno(), "personality")
    return True
