"""Raises an exception whose text never ends."""
# category: ends
# stopped by: wall-clock limit
# tests: test_toy_graph_at_two_and_one
# wall: 0.7
# expects: timeout
# shown: naive never


class Endless(Exception):
    def __str__(self):
        while True:
            pass

    __repr__ = __str__


def toy_forward(a, b):
    raise Endless
