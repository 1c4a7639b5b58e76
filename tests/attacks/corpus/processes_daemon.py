"""Leaves a process behind that goes on when the test is over."""
# category: processes
# stopped by: seccomp, pidns
# shown: unconfined won

import os
import time


def attack():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(0.5)
            os._exit(0)
        os._exit(0)
    os.wait()
    return True
