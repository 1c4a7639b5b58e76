"""Takes another process' limits down."""
# category: processes
# stopped by: pidns, seccomp
# shown: unconfined won

import resource


def attack():
    resource.prlimit(int("@DECOY_PID@"), resource.RLIMIT_NOFILE, (8, 8))
    return True
