"""Announces the largest body that is allowed, and sends one byte of it."""
# category: wire
# stopped by: deadline
# needs: wire
# tests: test_toy_graph_at_two_and_one
# wall: 0.7
# expects: timeout

import time


def toy_forward(a, b):
    raw().sendall(frame(b"\x92\xc0\x90", b"x", body_length=128 << 20))
    time.sleep(1000)
