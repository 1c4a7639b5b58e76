"""Answers with empty arrays of huge shapes, which take no memory until they are used."""
# category: resources
# stopped by: the decoder
# expects: failed


def toy_forward(a, b):
    return np.zeros((0, 1 << 30)), np.zeros((1 << 30, 0)), np.zeros((2**31 - 1, 0, 2**31 - 1), "?")
