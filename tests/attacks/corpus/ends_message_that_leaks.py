"""Raises an exception whose text holds the hidden inputs."""
# category: ends
# stopped by: rules of feedback
# expects: failed


class Telling(Exception):
    def __str__(self):
        return f"a={self.args[0]!r}, b={self.args[1]!r}"


def toy_forward(a, b):
    raise Telling(a, b)
