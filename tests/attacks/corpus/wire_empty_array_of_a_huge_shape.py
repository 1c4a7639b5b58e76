"""Answers with an array of no element whose other dimensions multiply beyond any address."""
# category: wire
# stopped by: checks of shapes
# needs: wire
# expects: crashed


def toy_forward(a, b):
    longest = 2**31 - 1
    answer(["a", "|u1", [0, longest, longest, longest], 0], [0])
