"""Describes its exception by a handle, which asks the worker whenever the judge looks at it."""
# category: wire
# stopped by: checks of a fault's description
# needs: wire
# expects: crashed


def toy_forward(a, b):
    say(["l", ["raised", asked(), ["h", 1, "dict", False]]])
