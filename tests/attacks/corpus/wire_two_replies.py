"""Answers twice, to have one answer in store for the next question."""
# category: wire
# stopped by: numbers of requests
# needs: wire
# expects: crashed


def toy_forward(a, b):
    answer(["t", [a + b, b + 1, (a + b) * (b + 1)]])
    answer(["t", [b + 1, a + b + b + 1]])
