"""Leaves a segment of shared memory, which outlives every process."""
# category: kernel
# stopped by: ipcns, seccomp
# shown: unconfined won

import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    segment = libc.shmget(0, 1 << 20, 0o1600)
    if segment < 0:
        raise OSError(ctypes.get_errno(), "shmget")
    libc.shmctl(segment, 0, None)  # IPC_RMID
    return True
