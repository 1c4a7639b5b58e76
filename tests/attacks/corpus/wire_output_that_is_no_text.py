"""Sends output that is no text."""
# category: wire
# stopped by: checks of output
# needs: wire
# expects: crashed


def toy_forward(a, b):
    say(["l", ["output", 0, ["l", ["a"]]]])
