"""Leaves at once with the exit code of success."""
# category: ends
# stopped by: process boundary
# expects: crashed
# shown: naive dead

import os


def toy_forward(a, b):
    os._exit(0)
