"""Answers with numbers that no float can hold."""
# category: wire
# stopped by: the assertions
# tests: several
# expects: failed


def toy_forward(a, b):
    return 10**4000, -(10**4000), 10**400


def toy_backward(a, b):
    return float("inf"), 10**400


def bernoulli_cross_entropy(y, t):
    return 10**4000


quiz_answers = {"q1": 10**4000, "q2": 10**400, "q3": [10**400]}
