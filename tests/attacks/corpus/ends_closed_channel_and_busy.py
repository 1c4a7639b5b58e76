"""Closes its channel and goes on for ever, so that nobody knows what it does."""
# category: ends
# stopped by: the judge kills what it cannot hear
# expects: crashed

import os


def toy_forward(a, b):
    os.closerange(0, 1000)
    while True:
        pass
