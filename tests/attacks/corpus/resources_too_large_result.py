"""Answers with an array of 200 MB."""
# category: resources
# stopped by: memory and answer limits
# expects: crashed


def toy_forward(a, b):
    return [np.zeros(200 << 20, np.uint8), b, a]
