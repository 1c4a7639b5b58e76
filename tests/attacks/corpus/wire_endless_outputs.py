"""Sends empty output for ever."""
# category: wire
# stopped by: deadline
# needs: wire
# tests: test_toy_graph_at_two_and_one
# wall: 0.7
# expects: timeout


def toy_forward(a, b):
    while True:
        say(["l", ["output", 0, ""]])
