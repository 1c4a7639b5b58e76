"""Answers with a number that is only equal to the right one."""
# category: wire
# stopped by: numbers of requests
# needs: wire
# expects: crashed


def toy_forward(a, b):
    say(["l", ["value", float(asked()), ["t", [a + b, b + 1, (a + b) * (b + 1)]]]])
