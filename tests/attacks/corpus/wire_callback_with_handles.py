"""Calls the test's function with handles, so that its arithmetic asks the worker back."""
# category: wire
# stopped by: deadline, process boundary
# tests: test_numerical_gradient_any_shape
# wall: 1.5
# expects: failed or crashed or timeout


class Thing:
    def __add__(self, other):
        return self

    __radd__ = __mul__ = __rmul__ = __pow__ = __sub__ = __add__


def numerical_gradient(f, theta, delta=1e-5):
    f(Thing())
    return Thing()
