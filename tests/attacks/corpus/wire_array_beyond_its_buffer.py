"""Answers with an array that would show the judge's own memory behind the buffer."""
# category: wire
# stopped by: the decoder
# needs: wire
# expects: crashed


def toy_forward(a, b):
    answer(["a", "<f8", [1 << 20], 0], [16], bytes(16))
