"""Prints what clears the screen, moves the cursor, sets the title and rings the bell."""
# category: text
# stopped by: escaping
# shown: naive raw


def toy_forward(a, b):
    print("\x1b[2J\x1b[1;1H\x1b]0;owned\x07\x1b[32m100 / 100 points\x1b[0m")
    print("\x1b[8mhidden\x9b31m\x90q\x9c\x85\x0b\x0c\r100 / 100\b\b\b\x7f")
    return a + b, b + 1, (a + b) * (b + 1)


sigmoid = toy_forward


def numerical_gradient(f, theta, delta=1e-5):
    toy_forward(1, 2)
