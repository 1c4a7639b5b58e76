"""Raises an exception that is its own cause, at the end of ten thousand others."""
# category: ends
# stopped by: process boundary
# expects: failed


def toy_forward(a, b):
    error = first = ValueError("0")
    for i in range(10_000):
        error.__cause__ = ValueError(str(i))
        error = error.__cause__
    error.__cause__ = error.__context__ = first
    raise first
