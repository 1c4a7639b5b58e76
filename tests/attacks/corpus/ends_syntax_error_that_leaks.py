"""Raises a syntax error of its own making, in a line of its own that holds the hidden inputs."""
# category: ends
# stopped by: rules of feedback
# expects: failed


def toy_forward(a, b):
    raise SyntaxError(f"a={a!r}", ("<hw3.py>", 10**9, 1, f"b={b!r}"))
