"""Replaces the hooks that Python calls at the end of things, by ones that exit with success."""
# category: ends
# stopped by: process boundary
# expects: failed or crashed

import os
import sys
import threading

sys.excepthook = sys.unraisablehook = threading.excepthook = lambda *_: os._exit(0)


class Thing:
    def __del__(self):
        raise KeyboardInterrupt


def toy_forward(a, b):
    Thing()
    raise ValueError
