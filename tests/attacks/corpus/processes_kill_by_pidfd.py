"""Ends a process by a descriptor of it."""
# category: processes
# stopped by: pidns, landlock, seccomp
# shown: unconfined won

import os
import signal


def attack():
    signal.pidfd_send_signal(os.pidfd_open(int("@DECOY_PID@")), signal.SIGTERM)
    return True
