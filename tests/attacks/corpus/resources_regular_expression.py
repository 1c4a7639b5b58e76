"""Matches a pattern that takes for ever, inside one call that no signal handler interrupts."""
# category: resources
# stopped by: wall-clock limit
# tests: test_toy_graph_at_two_and_one
# wall: 0.7
# expects: timeout
# shown: naive never

import re


def toy_forward(a, b):
    return re.match(r"(a+)+$", "a" * 60 + "b")
