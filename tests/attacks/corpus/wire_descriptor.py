"""Sends open descriptors along with its output."""
# category: wire
# stopped by: the judge takes no descriptors
# needs: wire

import socket


def toy_forward(a, b):
    for _ in range(8):
        piece = frame(_msgpack.packb([["l", ["output", 0, ""]], []]))
        socket.send_fds(raw(), [piece], [raw().fileno()] * 4)
    return a + b, b + 1, (a + b) * (b + 1)
