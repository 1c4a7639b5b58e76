"""Sends noise."""
# category: wire
# stopped by: the decoder
# needs: wire
# expects: crashed

import os


def toy_forward(a, b):
    raw().sendall(os.urandom(10_000))
