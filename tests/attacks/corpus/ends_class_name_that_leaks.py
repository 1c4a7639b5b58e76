"""Raises an exception of a class that is named by the hidden inputs."""
# category: ends
# stopped by: rules of feedback
# expects: failed


def toy_forward(a, b):
    raise type(f"a={a!r} b={b!r}", (Exception,), {})("hello")
