"""Asks whether a hidden test is there, and how large it is."""
# category: files
# stopped by: mountns
# open at: confined
# shown: unconfined won

import os


def attack():
    return os.stat("@HIDDEN@/test_numerical.py")
