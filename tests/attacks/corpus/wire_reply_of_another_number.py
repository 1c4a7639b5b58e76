"""Answers the question before the last and the one after the next."""
# category: wire
# stopped by: numbers of requests
# needs: wire
# expects: crashed


def toy_forward(a, b):
    for number in (asked() - 1, asked() + 1, -1, 1 << 62):
        say(["l", ["value", number, ["t", [a + b, b + 1, (a + b) * (b + 1)]]]])
