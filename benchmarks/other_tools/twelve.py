"""Twelve tests of a few functions, that every tool runs as they stand here.

In our course `hold` is `grader.testing.check`, since there a bare assert is a fault of the course.
`student` is anything with the functions as attributes: a module, a namespace, or our proxy.
"""

import numpy as np


def hold(condition):
    """What a test demands."""
    assert condition


def draw(*shape):
    """Numbers that are the same each time."""
    return np.random.default_rng(12).normal(size=shape)


def test_sigmoid_at_zero(student):
    """sigmoid(0) is a half."""
    hold(np.allclose(student.sigmoid(np.zeros(3)), 0.5))


def test_sigmoid_of_a_matrix(student):
    """sigmoid works on each element."""
    z = draw(5, 4)
    hold(np.allclose(student.sigmoid(z), 1 / (1 + np.exp(-z))))


def test_sigmoid_of_large_numbers(student):
    """sigmoid neither overflows nor returns nan."""
    hold(np.allclose(student.sigmoid(np.array([-800.0, 800.0])), [0.0, 1.0]))


def test_relu(student):
    """relu keeps what is positive."""
    z = draw(6, 2)
    hold(np.allclose(student.relu(z), np.where(z > 0, z, 0)))


def test_softmax_sums_to_one(student):
    """Each row of softmax sums to one."""
    hold(np.allclose(np.sum(student.softmax(draw(7, 3)), axis=1), 1))


def test_softmax_ignores_a_shift(student):
    """A constant added to a row changes nothing."""
    z = draw(5, 3)
    hold(np.allclose(student.softmax(z + 2.0), student.softmax(z)))


def test_softmax_of_large_numbers(student):
    """softmax does not overflow."""
    hold(np.allclose(student.softmax(np.array([[1000.0, 1000.0]])), 0.5))


def test_cross_entropy(student):
    """The mean of -log p[y] over the batch."""
    p, y = np.array([[0.5, 0.5], [0.25, 0.75], [1.0, 0.0]]), np.array([0, 1, 0])
    hold(np.isclose(student.cross_entropy(p, y), -np.log([0.5, 0.75, 1.0]).mean()))


def test_linear_forward(student):
    """X W + b."""
    X, W, b = draw(5, 4), draw(4, 3), draw(3)
    hold(np.allclose(student.linear(X, W, b), X @ W + b))


def test_linear_gradient(student):
    """The gradients of W and b for a given gradient of the output."""
    X, g = draw(5, 4), draw(5, 3)
    grad_W, grad_b = student.linear_gradient(X, g)
    hold(np.allclose(grad_W, X.T @ g))
    hold(np.allclose(grad_b, g.sum(axis=0)))


def test_accuracy(student):
    """The share of rows whose largest score is the label's."""
    scores = np.array([[3.0, 1.0], [0.0, 2.0], [5.0, 1.0], [1.0, 4.0]])
    hold(np.isclose(student.accuracy(scores, np.array([0, 1, 1, 1])), 0.75))


def test_train_a_line(student):
    """Gradient descent finds a line's slope and intercept."""
    x = np.linspace(-1, 1, 40)
    slope, intercept = student.fit_line(x, 3 * x - 1, 0.5, 300)
    hold(np.allclose([slope, intercept], [3, -1], atol=1e-3))
