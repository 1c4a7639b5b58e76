"""Prints text that is shown in another order than it is read."""
# category: text
# stopped by: escaping
# shown: naive raw


def toy_forward(a, b):
    print("\u202edessap\u2066 \u2067x\u2069 zero\u200bwidth \ufeff \U000e0041tag \u2028next\u2029")
    return a + b, b + 1, (a + b) * (b + 1)
