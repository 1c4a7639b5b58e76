"""Announces a header of 4 GB."""
# category: wire
# stopped by: the decoder
# needs: wire
# expects: crashed


def toy_forward(a, b):
    raw().sendall(frame(b"", header_length=2**32 - 1))
