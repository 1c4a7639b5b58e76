"""Calls numpy's function, which a test handed over, for a kind of number that cannot travel."""
# category: wire
# stopped by: checks of callbacks
# tests: test_step_approximation_of_a_sine
# expects: failed


def sigmoid_sum(x, w, theta, alpha):
    z = 1 / (1 + np.exp(-(np.outer(x, w) + theta)))
    return z @ alpha


def step_approximation(f, a, b, n):
    return f(0.5, dtype="g")
