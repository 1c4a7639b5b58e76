"""Answers one byte at a time."""
# category: wire
# stopped by: deadline
# needs: wire
# tests: test_toy_graph_at_two_and_one
# wall: 0.7
# expects: timeout or crashed

import time


def toy_forward(a, b):
    for byte in frame(b"\xc0" * 1000):
        raw().sendall(bytes([byte]))
        time.sleep(0.05)
