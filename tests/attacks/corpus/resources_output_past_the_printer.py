"""Sends output to the judge past the worker's own limit."""
# category: resources
# stopped by: the judge's limit on output
# expects: crashed
# needs: wire


def toy_forward(a, b):
    while True:
        say(["l", ["output", 0, "x" * 100_000]])
