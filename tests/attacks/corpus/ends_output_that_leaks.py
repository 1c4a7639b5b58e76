"""Prints the hidden inputs."""
# category: ends
# stopped by: rules of feedback


def toy_forward(a, b):
    print("a =", repr(a), "b =", repr(b))
    return a + b, b + 1, (a + b) * (b + 1)
