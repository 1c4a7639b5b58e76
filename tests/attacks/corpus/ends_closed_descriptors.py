"""Closes every descriptor, the channel's among them."""
# category: ends
# stopped by: process boundary
# expects: crashed

import os


def toy_forward(a, b):
    os.closerange(0, 1000)
    return 3.0, 2.0, 6.0
