"""Prints ten million characters."""
# category: resources
# stopped by: the printer and the judge
# expects: passed
# shown: naive won

import sys


def toy_forward(a, b):
    for _ in range(100):
        print("x" * 100_000)
    print("[won]")
    return a + b, b + 1, (a + b) * (b + 1)


def sigmoid(z):
    toy_forward(1, 2)
    sys.stdout.flush()
