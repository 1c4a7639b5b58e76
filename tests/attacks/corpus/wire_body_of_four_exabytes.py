"""Announces a body of 4 EB."""
# category: wire
# stopped by: the decoder
# needs: wire
# expects: crashed


def toy_forward(a, b):
    raw().sendall(frame(b"\x92\xc0\x90", body_length=1 << 62))
