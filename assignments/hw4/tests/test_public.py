"""Public tests of hw4: the examples of the handout, and one of each kind that is graded.

They see the student's module only through the `student` proxy.
"""

import numpy as np

from grader.testing import assert_close, assert_equal


def example(student):
    """A probe: f = sin(x) + xy at x = 0.5, y = 4, and what the graph says about itself."""
    x, y = student.Var(0.5), student.Var(4.0)
    f = x.sin() + x * y
    operands = [arg.val for arg in f.creator.args]
    return [x.creator is None, y.creator is None, f.creator is None, len(operands)]


def doubled(student, x, times):
    """A probe: x <- x + x, so many times over; the value and the derivative by x."""
    leaf = student.Var(x)
    node = leaf
    for _ in range(times):
        node = node + node
    node.backward()
    return [float(node.val), float(leaf.grad)]


def test_var_value_and_creator(student):
    """sin(x) + xy has the right value and remembers how it was made."""
    x, y = student.Var(0.5), student.Var(4.0)
    f = x.sin() + x * y
    assert_close(f.val, np.sin(0.5) + 2.0, what="the value of sin(x) + xy at x = 0.5, y = 4")
    assert_equal(
        student.run(example),
        [True, True, False, 2],
        what="whether the creators of x, y and f are None, and the number of f.creator.args",
    )


def test_var_gradient_of_sin_plus_product(student):
    """sin(x) + xy has the gradient (cos(x) + y, x)."""
    x, y = student.Var(0.5), student.Var(4.0)
    f = x.sin() + x * y
    f.backward()
    assert_close(
        x.grad,
        np.cos(0.5) + 4.0,
        what="x.grad",
        mistakes={
            "only the path through sin(x) is counted": np.cos(0.5),
            "only the path through xy is counted": 4.0,
        },
    )
    assert_close(y.grad, 0.5, what="y.grad")


def test_var_doubling_takes_linear_time(student):
    """x + x, 60 times over, is differentiated at once: each node is visited once, not each path."""
    assert_equal(
        student.run(doubled, 1.5, 60),
        [1.5 * 2.0**60, 2.0**60],
        what="the value and the derivative of x <- x + x, 60 times",
    )


def test_mat_affine_gradient(student, rng):
    """Z = X @ W + b has the gradients s Wᵀ, Xᵀ s and, in b's shape, the sum of s over the rows."""
    x, w, b = rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), rng.normal(size=3)
    s = rng.normal(size=(5, 3))
    X, W, B = student.Mat(x), student.Mat(w), student.Mat(b)
    Z = X @ W + B
    assert_close(Z.val, x @ w + b, what="the value of X @ W + b")
    Z.backward(s)
    assert_close(X.grad, s @ w.T, what="X.grad")
    assert_close(W.grad, x.T @ s, what="W.grad")
    assert_close(
        B.grad,
        s.sum(axis=0),
        what="b.grad",
        mistakes={
            "it still has the shape of the sum": s,
            "the mean is taken over the rows": s.mean(axis=0),
        },
        hint="b was added to every row, so every row of s contributes to its gradient.",
    )


def test_mat_sum_and_mean_over_axes(student, rng):
    """Sums and means over rows, columns or everything pass the right gradient back."""
    a = rng.normal(size=(4, 3))
    for axis, n in ((0, 4), (1, 3), (None, 12)):
        s = rng.normal(size=a.sum(axis=axis).shape)
        spread = s if axis is None else np.expand_dims(s, axis)
        for name, expected, factor in (("sum", a.sum(axis), 1.0), ("mean", a.mean(axis), 1 / n)):
            A = student.Mat(a)
            Y = getattr(A, name)(axis)
            Y.backward(s)
            what = f"A.{name}({axis})"
            assert_close(Y.val, expected, what=f"the value of {what}")
            assert_close(
                A.grad,
                np.broadcast_to(factor * spread, a.shape).copy(),
                what=f"the gradient of {what}",
                mistakes={
                    "the factor 1/n of a mean is missing": np.broadcast_to(spread, a.shape),
                    "it is divided by the number of all elements": np.broadcast_to(
                        spread / a.size, a.shape
                    ),
                },
            )


def test_mat_activation_values(student, rng):
    """sigmoid, tanh and relu work on each element."""
    a = 3.0 * rng.normal(size=(3, 5))
    A = student.Mat(a)
    assert_close(A.sigmoid().val, 1 / (1 + np.exp(-a)), what="the value of A.sigmoid()")
    assert_close(A.tanh().val, np.tanh(a), what="the value of A.tanh()")
    assert_close(A.relu().val, np.where(a > 0, a, 0.0), what="the value of A.relu()")


def test_softmax_cross_entropy_of_known_scores(student):
    """Equal scores for C classes cost ln C; a known batch of two costs what the handout says."""
    z = student.Mat(np.zeros((4, 3)))
    E = student.softmax_cross_entropy(z, np.array([0, 2, 1, 1]))
    assert_close(
        E.val,
        np.log(3.0),
        what="the cost of equal scores for three classes",
        mistakes={"it is summed over the samples instead of averaged": 4 * np.log(3.0)},
    )
    z = student.Mat(np.array([[1.0, 0.0], [0.0, 3.0]]))
    E = student.softmax_cross_entropy(z, np.array([0, 0]))
    expected = (np.log(1 + np.exp(-1.0)) + np.log(1 + np.exp(3.0))) / 2
    assert_close(E.val, expected, what="the cost of the handout's two samples")


def test_net_shapes_and_parameters(student, rng):
    """A net of Linear, Logistic and Linear has four parameters and the formula's output."""
    first, second = student.Linear(4, 6, rng), student.Linear(6, 2, rng)
    net = student.Net([first, student.Logistic(), second])
    w, b, v, c = (rng.normal(size=shape) for shape in ((4, 6), (6,), (6, 2), (2,)))
    assert_equal(
        student.run(parameter_shapes, net),
        [[4, 6], [6], [6, 2], [2]],
        what="the shapes of net.parameters()",
    )
    first.W.val, first.b.val, second.W.val, second.b.val = w, b, v, c
    x = rng.normal(size=(5, 4))
    h = 1 / (1 + np.exp(-(x @ w + b)))
    assert_close(net(student.Mat(x)).val, h @ v + c, what="the output of the net")


def parameter_shapes(student, net):
    """A probe: the shapes of a net's parameters."""
    return [list(theta.val.shape) for theta in net.parameters()]
