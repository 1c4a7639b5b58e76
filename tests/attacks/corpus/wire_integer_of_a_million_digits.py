"""Answers with a number that takes minutes to print."""
# category: wire
# stopped by: the decoder
# needs: wire
# expects: crashed


def toy_forward(a, b):
    answer(["i", "f" * 1_000_000])
