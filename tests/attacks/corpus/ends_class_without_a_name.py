"""Raises an exception whose class raises when it is asked for its name."""
# category: ends
# stopped by: process boundary
# expects: crashed or failed


class Meta(type):
    @property
    def __name__(cls):
        raise RuntimeError("no name")

    @property
    def __mro__(cls):
        raise RuntimeError("no bases")


class Nameless(Exception, metaclass=Meta):
    pass


def toy_forward(a, b):
    raise Nameless
