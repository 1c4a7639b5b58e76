"""Answers with an array of 100 MB where three numbers are wanted."""
# category: resources
# stopped by: memory and answer limits
# expects: failed


def toy_forward(a, b):
    return [np.zeros(100 << 20, np.uint8)] * 1 + [b, a]
