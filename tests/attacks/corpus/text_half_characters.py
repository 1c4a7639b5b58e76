"""Prints and raises halves of characters, which no encoding can write."""
# category: text
# stopped by: escaping
# expects: failed


def toy_forward(a, b):
    print("\ud800 \udfff \udc80")
    return a + b, b + 1, (a + b) * (b + 1)


def toy_backward(a, b):
    raise ValueError("\udcff")
