"""Answers with two arrays over one buffer."""
# category: wire
# stopped by: the decoder
# needs: wire
# expects: crashed


def toy_forward(a, b):
    answer(["l", [["a", "<f8", [2], 0], ["a", "<i8", [2], 0]]], [16], bytes(16))
