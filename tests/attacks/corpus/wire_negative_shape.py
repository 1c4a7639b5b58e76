"""Answers with a shape of negative lengths."""
# category: wire
# stopped by: the decoder
# needs: wire
# expects: crashed


def toy_forward(a, b):
    answer(["a", "<f8", [-1, -2], 0], [16], bytes(16))
