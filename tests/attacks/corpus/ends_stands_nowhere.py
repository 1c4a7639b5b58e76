"""Says that it stands in what is no place at all."""
# category: ends
# stopped by: the checks of what a worker says
# needs: wire
# expects: crashed


def toy_forward(a, b):
    channel().send(["standing", 0, [-1, 2**40, {"a": a}]])
    return a + b, b + 1, (a + b) * (b + 1)
