"""Answers with a tag named by the hidden inputs, hoping that it is quoted."""
# category: wire
# stopped by: rules of feedback
# needs: wire
# expects: crashed


def toy_forward(a, b):
    answer([f"{a!r}", 1])
