"""Gives in a function's place lists in lists that just fit, and do not when the test names them."""
# category: wire
# stopped by: faults after an answer are the student's
# tests: test_step_approximation_of_a_sine
# expects: failed


def step_approximation(f, a, b, n):
    return np.zeros(n), np.zeros(n), np.zeros(n)


sigmoid_sum = []
for _ in range(63):
    sigmoid_sum = [sigmoid_sum]
