"""Calls the test's function with an array that broadcasting makes a gigabyte of, over there."""
# category: resources
# stopped by: the judge's limit on callbacks
# tests: test_numerical_gradient_any_shape
# expects: crashed


def numerical_gradient(f, theta, delta=1e-5):
    while True:
        f(np.zeros((100 << 20, *[1] * theta.ndim), np.uint8))
