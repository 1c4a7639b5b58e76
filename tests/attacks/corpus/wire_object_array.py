"""Answers with an array of objects."""
# category: wire
# stopped by: the decoder
# needs: wire
# expects: crashed


def toy_forward(a, b):
    answer(["a", "|O", [2], 0], [16], bytes(16))
