"""Public tests: the handout's example. Students have this file."""

import numpy as np

from grader.testing import assert_close, check

X = np.array([[1.0, 2.0], [3.0, 4.0]])  # (2, 2)
T = np.array([1.0, 1.0])  # (2,)
W, B = np.array([0.5, -1.0]), 2.0


def test_predict_of_two_samples(student):
    """The handout's example: the neuron says 0.5 and -0.5."""
    assert_close(student.predict(X, W, B), np.array([0.5, -0.5]), what="predict(X, w, b)")


def test_loss_of_two_samples(student):
    """The handout's example: the loss is 0.625."""
    assert_close(student.loss(X, T, W, B), 0.625, what="loss(X, t, w, b)", batch_size=2)


def test_gradient_at_zero_weights(student):
    """With weights and bias of zero, the gradient is -(2, 3) and -1."""
    result = student.gradient(X, T, np.zeros(2), 0.0)
    check(
        isinstance(result, tuple) and len(result) == 2,
        what="what gradient returns",
        expected="a pair: the gradient of w and that of b",
        got=type(result).__name__,
    )
    assert_close(result[0], np.array([-2.0, -3.0]), what="the gradient of w", batch_size=2)
    assert_close(result[1], -1.0, what="the gradient of b", batch_size=2)
