"""Answers with an extension of the format, which some readers unpickle."""
# category: wire
# stopped by: the decoder
# needs: wire
# expects: crashed


def toy_forward(a, b):
    answer(_msgpack.ExtType(42, b"cos\nsystem\n(S'true'\ntR."))
