"""Answers with lists in lists in lists."""
# category: wire
# stopped by: the decoder
# needs: wire
# expects: crashed


def toy_forward(a, b):
    raw().sendall(frame(b"\x92" + b"\x91" * 3_000_000))
