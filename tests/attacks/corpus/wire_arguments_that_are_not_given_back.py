"""Empties the list of its own arguments, which the test looks at after the call."""
# category: wire
# stopped by: the number of arguments is checked
# tests: test_step_approximation_of_a_sine
# expects: failed


def step_approximation(f, a, b, n):
    return np.zeros(n), np.zeros(n), np.zeros(n)


def sigmoid_sum(x, w, theta, alpha):
    frame = __import__("sys")._getframe(1)
    frame.f_locals["args"].clear()
    return 0.5 * (1 + np.tanh((np.outer(x, w) + theta) / 2)) @ alpha
