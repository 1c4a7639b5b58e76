"""Gives the test's function what has a default of its own, so that it multiplies to gigabytes."""
# category: resources
# stopped by: only what a function needs is handed to it
# tests: test_numerical_gradient_any_shape
# expects: failed

SIZE = 11_000


def numerical_gradient(f, theta, delta=1e-5):
    f(np.ones((SIZE, 1)), c=np.ones((1, SIZE)))
    return np.zeros(theta.shape)
