"""Answers with four million empty lists, each a byte on the wire and 60 in memory."""
# category: wire
# stopped by: the decoder
# needs: wire
# tests: test_toy_graph_at_two_and_one
# expects: crashed


def toy_forward(a, b):
    piece = b"\xdd" + (400_000).to_bytes(4, "big") + b"\x90" * 400_000
    raw().sendall(frame(b"\x92\x9a" + piece * 10 + b"\x90"))
