"""Answers with lists nested by the wire's own tags, a hundred thousand deep."""
# category: wire
# stopped by: the decoder
# needs: wire
# expects: crashed


def toy_forward(a, b):
    header = b"\x92\x93\xa5value" + _msgpack.packb(asked()) + b"\x92\xa1l\x91" * 100_000
    raw().sendall(frame(header + b"\xc0\x90"))
