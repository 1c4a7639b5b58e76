"""Raises an exception whose text ends the process."""
# category: ends
# stopped by: process boundary
# expects: crashed
# shown: naive dead

import os


class Last(Exception):
    def __str__(self):
        os._exit(0)

    __repr__ = __str__


def toy_forward(a, b):
    raise Last
