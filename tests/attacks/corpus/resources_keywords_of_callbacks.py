"""Calls numpy's function with keywords that broadcast to gigabytes."""
# category: resources
# stopped by: a ufunc takes its operands only
# tests: test_step_approximation_of_a_sine
# expects: failed

SIZE = 14_000


def sigmoid_sum(x, w, theta, alpha):
    return 0.5 * (1 + np.tanh((np.outer(x, w) + theta) / 2)) @ alpha


def step_approximation(f, a, b, n):
    x = np.linspace(0, 1, SIZE).astype("f2")[:, None]
    f(x, where=np.ones((1, SIZE), bool), dtype="f8")
    return np.zeros(n), np.zeros(n), np.zeros(n)
