"""Calls numpy's function with every keyword that might break it."""
# category: wire
# stopped by: checks of callbacks
# tests: test_step_approximation_of_a_sine
# expects: failed


def sigmoid_sum(x, w, theta, alpha):
    z = 1 / (1 + np.exp(-(np.outer(x, w) + theta)))
    return z @ alpha


def step_approximation(f, a, b, n):
    for kwargs in (
        {"dtype": "O"}, {"out": (np.zeros(3),)}, {"where": np.zeros(3, bool)}, {"sig": "g->g"},
        {"casting": "unsafe", "dtype": "?"}, {"axis": -1}, {"signature": ("x",)}, {"order": "Q"},
        {"__class__": 1}, {"subok": True}, {"": None}, {"\ud800": 1},
    ):  # fmt: skip
        for value in (0.5, "x", None, [], {}, np.zeros((2, 0)), 10**400, b"", slice(None), 1j):
            try:
                f(value, **kwargs)
            except Exception:
                pass
    return None
