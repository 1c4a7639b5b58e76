"""Answers with more parts than any answer has."""
# category: resources
# stopped by: the decoder
# expects: crashed or failed or timeout


def toy_forward(a, b):
    return [[None] * 1000] * 800
