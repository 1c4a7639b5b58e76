"""Raises an exception with a megabyte of text, and prints a line of one."""
# category: text
# stopped by: limits of feedback
# expects: failed


def toy_forward(a, b):
    print("y" * (1 << 20))
    raise ValueError("x" * (1 << 20))
