"""Ends a process of the user who grades."""
# category: processes
# stopped by: pidns, landlock, seccomp
# shown: unconfined won

import os
import signal


def attack():
    os.kill(int("@DECOY_PID@"), signal.SIGTERM)
    return True
