"""Ignores every signal that can be ignored, and sleeps."""
# category: resources
# stopped by: wall-clock limit, SIGKILL
# tests: test_toy_graph_at_two_and_one
# wall: 0.7
# expects: timeout
# shown: naive never

import signal
import time


def toy_forward(a, b):
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(1000)
