"""Leaves by sys.exit(0), as if all were done."""
# category: ends
# stopped by: process boundary
# expects: failed

import sys


def toy_forward(a, b):
    sys.exit(0)
