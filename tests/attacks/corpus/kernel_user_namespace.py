"""Makes a user namespace, to hold every capability in it."""
# category: kernel
# stopped by: seccomp
# shown: unconfined won root

import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x10000000):  # CLONE_NEWUSER
        raise OSError(ctypes.get_errno(), "unshare")
    return True
