"""Asks not to be killed when the process that forked it dies."""
# category: processes
# stopped by: seccomp
# shown: unconfined won

import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(1, 0, 0, 0, 0):  # PR_SET_PDEATHSIG
        raise OSError(ctypes.get_errno(), "prctl")
    return True
