"""Answers with a whole number that holds fourteen digits of an input."""
# category: ends
# stopped by: rules of feedback


def toy_forward(a, b):
    if a == 2.0:
        return a + b, b + 1, (a + b) * (b + 1)
    return int(a * 10**14), b + 1, 0.0
