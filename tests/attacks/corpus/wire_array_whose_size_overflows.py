"""Answers with a shape whose product is 2**64, and so 0 in a careless reader."""
# category: wire
# stopped by: the decoder
# needs: wire
# expects: crashed


def toy_forward(a, b):
    answer(["a", "|u1", [1 << 30, 1 << 30, 1 << 4], 0], [0])
