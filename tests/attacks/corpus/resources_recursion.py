"""Calls itself until the stack is used up, with Python's own limit taken off."""
# category: resources
# stopped by: rlimits
# expects: crashed
# shown: naive dead

import sys


def toy_forward(a, b):
    sys.setrecursionlimit(10**9)

    def deeper(x):
        return max([x], key=deeper)

    return deeper(a)
