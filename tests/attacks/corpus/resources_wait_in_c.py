"""Waits in the C library with Python's lock held."""
# category: resources
# stopped by: wall-clock limit
# tests: test_toy_graph_at_two_and_one
# wall: 0.7
# expects: timeout
# shown: naive never

import ctypes


def toy_forward(a, b):
    libc = ctypes.PyDLL(None)
    while True:  # a signal ends a wait
        libc.pause()
