"""Aborts."""
# category: ends
# stopped by: process boundary
# expects: crashed
# shown: naive dead

import os


def toy_forward(a, b):
    os.abort()
