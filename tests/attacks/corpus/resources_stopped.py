"""Stops itself, so that it is neither alive nor dead."""
# category: resources
# stopped by: wall-clock limit, pidns
# tests: test_toy_graph_at_two_and_one
# wall: 0.7
# expects: timeout or passed
# shown: naive never

import os
import signal


def toy_forward(a, b):
    os.kill(os.getpid(), signal.SIGSTOP)
    return a + b, b + 1, (a + b) * (b + 1)
