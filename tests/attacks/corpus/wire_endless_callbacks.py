"""Calls the test's function for ever."""
# category: wire
# stopped by: deadline
# tests: test_numerical_gradient_any_shape
# wall: 0.7
# expects: timeout


def numerical_gradient(f, theta, delta=1e-5):
    while True:
        f(theta)
