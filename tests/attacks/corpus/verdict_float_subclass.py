"""Answers with numbers whose class has its own difference, absolute value and order."""
# category: verdict
# stopped by: values cross as plain data
# tests: several
# expects: failed


class Number(float):
    def __sub__(self, other):
        return Number(0)

    __rsub__ = __sub__

    def __abs__(self):
        return Number(0)

    def __eq__(self, other):
        return True

    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = float.__hash__


def toy_forward(a, b):
    return Number(1), Number(2), Number(3)


def toy_backward(a, b):
    return Number(1), Number(2)


def bernoulli_cross_entropy(y, t):
    return Number(1)


def loss_value(Y, T, name):
    return Number(1)


quiz_answers = {"q1": Number(1), "q2": type("Text", (str,), {"__eq__": lambda *_: True})("b")}
