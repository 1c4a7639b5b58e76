"""Asks the test's function and never reads what it says, until the judge's buffers are full."""
# category: wire
# stopped by: deadline
# needs: wire
# wall: 0.7
# tests: test_numerical_gradient_any_shape
# expects: timeout or crashed


def numerical_gradient(f, theta, delta=1e-5):
    call = ["l", ["callback", 0, ["l", [["l", [1.0]], ["d", []]]]]]
    while True:
        say(call)
