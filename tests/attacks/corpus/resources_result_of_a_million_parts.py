"""Answers with more parts than any answer has."""
# category: resources
# stopped by: the decoder
# expects: crashed or failed


def toy_forward(a, b):
    return [[[]] * 1000] * 1000
