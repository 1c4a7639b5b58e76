"""Gives back the hidden inputs as texts where numbers are wanted."""
# category: ends
# stopped by: rules of feedback
# expects: failed


def toy_forward(a, b):
    return f"a={a!r}", f"b={b!r}", [repr(a)]
