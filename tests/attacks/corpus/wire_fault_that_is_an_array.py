"""Describes its exception by an array, on which a careless judge raises one of its own."""
# category: wire
# stopped by: checks of a fault's description
# needs: wire
# expects: crashed


def toy_forward(a, b):
    say(["l", ["raised", asked(), ["a", "<f8", [2], 0]]], [16], bytes(16))
