"""Sends half a frame and leaves."""
# category: wire
# stopped by: the decoder
# needs: wire
# expects: crashed

import os


def toy_forward(a, b):
    raw().sendall(frame(b"\x92\xc0\x90")[:10])
    os._exit(0)
