"""Raises what Ctrl-C raises, so that the grader believes its user wants to stop."""
# category: ends
# stopped by: process boundary
# expects: failed
# shown: naive aborted


def toy_forward(a, b):
    raise KeyboardInterrupt
