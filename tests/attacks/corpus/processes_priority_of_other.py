"""Makes another process slow."""
# category: processes
# stopped by: pidns, seccomp
# shown: unconfined won

import os


def attack():
    os.setpriority(os.PRIO_PROCESS, int("@DECOY_PID@"), 19)
    return True
