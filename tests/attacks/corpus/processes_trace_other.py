"""Attaches to another process as a debugger does."""
# category: processes
# stopped by: pidns, landlock, seccomp
# shown: unconfined won

import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(0x4206, int("@DECOY_PID@"), None, None):  # PTRACE_SEIZE; it ends with this process
        raise OSError(ctypes.get_errno(), "ptrace")
    return True
