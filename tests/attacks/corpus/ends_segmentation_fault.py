"""Reads where no memory is."""
# category: ends
# stopped by: process boundary
# expects: crashed
# shown: naive dead

import ctypes


def toy_forward(a, b):
    return ctypes.string_at(0)
