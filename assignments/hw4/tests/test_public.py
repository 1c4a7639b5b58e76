"""Public tests of hw4: the examples of the handout, and one of each kind that is graded.

A probe, such as `differentiate`, is sent to run beside the student's code; what it returns comes
back as numbers and arrays.
"""

import numpy as np

from grader.testing import assert_close, assert_equal


def differentiate(student, kind, expression, values, s):
    """A probe: the value of an expression, and its gradient by each of the variables in it."""
    variables = {name: getattr(student, kind)(value) for name, value in values.items()}
    f = eval(expression, {"student": student}, variables)
    result = {"value": f.val}
    f.backward(s)
    return result | {name: variable.grad for name, variable in variables.items()}


def entry(result, name):
    """One entry of what a probe returned, or nothing where it returned something else."""
    return result.get(name) if type(result) is dict else None


def creators(student):
    """A probe: whether the creators of x, y and f are None, and the number of f's operands."""
    x, y = student.Var(0.5), student.Var(4.0)
    f = x.sin() + x * y
    return [x.creator is None, y.creator is None, f.creator is None, len(f.creator.args)]


def value_of_example(student):
    """A probe: f = sin(x) + xy at x = 0.5, y = 4."""
    x, y = student.Var(0.5), student.Var(4.0)
    return (x.sin() + x * y).val


def gradients_of_example(student):
    """A probe: the grads of x, y, u, v, f in f = u + v, after backward() and after zero_grad()."""
    import numpy as np

    x, y = student.Var(0.5), student.Var(4.0)
    u, v = x.sin(), x * y
    f = u + v
    rows = []
    for call in (f.backward, f.zero_grad):
        call()
        rows.append([float(node.grad) for node in (x, y, u, v, f)])
    return np.array(rows)


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
    assert_close(
        student.run(value_of_example),
        np.sin(0.5) + 2.0,
        what="the value of sin(x) + xy at x = 0.5, y = 4",
    )
    assert_equal(
        student.run(creators),
        [True, True, False, 2],
        what="whether the creators of x, y and f are None, and the number of f.creator.args",
    )


def test_var_gradient_of_sin_plus_product(student):
    """sin(x) + xy has the gradient (cos(x) + y, x); every node holds its own, until zero_grad()."""
    values = {"x": 0.5, "y": 4.0}
    result = student.run(differentiate, "Var", "x.sin() + x * y", values, 1.0)
    assert_close(
        entry(result, "x"),
        np.cos(0.5) + 4.0,
        what="x.grad",
        mistakes={
            "only the path through sin(x) is counted": np.cos(0.5),
            "only the path through xy is counted": 4.0,
        },
    )
    assert_close(entry(result, "y"), 0.5, what="y.grad")
    slope = np.cos(0.5) + 4.0
    held, leaves = [slope, 0.5, 1.0, 1.0, 1.0], [slope, 0.5, 0.0, 0.0, 0.0]
    assert_close(
        student.run(gradients_of_example),
        np.array([held, np.zeros(5)]),
        what="grad of x, y, u, v, f (columns) after f.backward() and after f.zero_grad() (rows)",
        mistakes={
            "only the leaves get their gradient": np.array([leaves, np.zeros(5)]),
            "zero_grad() clears the leaves only": np.array([held, [0.0, 0.0, 1.0, 1.0, 1.0]]),
            "zero_grad() clears f only": np.array([held, [slope, 0.5, 1.0, 1.0, 0.0]]),
        },
    )


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
    result = student.run(differentiate, "Mat", "X @ W + b", {"X": x, "W": w, "b": b}, s)
    assert_close(entry(result, "value"), x @ w + b, what="the value of X @ W + b")
    assert_close(entry(result, "X"), s @ w.T, what="X.grad")
    assert_close(entry(result, "W"), x.T @ s, what="W.grad")
    assert_close(
        entry(result, "b"),
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
        spread = np.ones(a.shape) * (s if axis is None else np.expand_dims(s, axis))
        for name, expected, factor in (("sum", a.sum(axis), 1.0), ("mean", a.mean(axis), 1 / n)):
            expression = f"A.{name}({axis})"
            result = student.run(differentiate, "Mat", expression, {"A": a}, s)
            assert_close(entry(result, "value"), expected, what=f"the value of {expression}")
            assert_close(
                entry(result, "A"),
                factor * spread,
                what=f"the gradient of {expression}",
                mistakes={
                    "the factor 1/n of a mean is missing": spread,
                    "it is divided by the number of all elements": spread / a.size,
                },
            )


def test_mat_activation_values(student, rng):
    """sigmoid, tanh and relu work on each element."""
    a = 3.0 * rng.normal(size=(3, 5))
    for name, expected in (
        ("sigmoid", 1 / (1 + np.exp(-a))),
        ("tanh", np.tanh(a)),
        ("relu", np.where(a > 0, a, 0.0)),
    ):
        result = student.run(differentiate, "Mat", f"A.{name}()", {"A": a}, 1.0)
        assert_close(entry(result, "value"), expected, what=f"the value of A.{name}()")


def cost_of_scores(student, z, labels):
    """A probe: the softmax cross-entropy of scores."""
    return student.softmax_cross_entropy(student.Mat(z), labels).val


def test_softmax_cross_entropy_of_known_scores(student):
    """Equal scores for C classes cost ln C; a known batch of two costs what the handout says."""
    assert_close(
        student.run(cost_of_scores, np.zeros((4, 3)), np.array([0, 2, 1, 1])),
        np.log(3.0),
        what="the cost of equal scores for three classes",
        mistakes={"it is summed over the samples instead of averaged": 4 * np.log(3.0)},
    )
    expected = (np.log(1 + np.exp(-1.0)) + np.log(1 + np.exp(3.0))) / 2
    z = np.array([[1.0, 0.0], [0.0, 3.0]])
    assert_close(
        student.run(cost_of_scores, z, np.array([0, 0])),
        expected,
        what="the cost of the handout's two samples",
    )


def small_net(student, rng, w, b, v, c, x):
    """A probe: the parameters' shapes, and the output for given parameters, of a 4-6-2 net."""
    first, second = student.Linear(4, 6, rng), student.Linear(6, 2, rng)
    net = student.Net([first, student.Logistic(), second])
    shapes = [list(theta.val.shape) for theta in net.parameters()]
    first.W.val, first.b.val, second.W.val, second.b.val = w, b, v, c
    return {"shapes": shapes, "output": net(student.Mat(x)).val}


def test_net_shapes_and_parameters(student, rng):
    """A net of Linear, Logistic and Linear has four parameters and the formula's output."""
    w, b, v, c = (rng.normal(size=shape) for shape in ((4, 6), (6,), (6, 2), (2,)))
    x = rng.normal(size=(5, 4))
    result = student.run(small_net, rng, w, b, v, c, x)
    assert_equal(
        entry(result, "shapes"),
        [[4, 6], [6], [6, 2], [2]],
        what="the shapes of net.parameters()",
    )
    h = 1 / (1 + np.exp(-(x @ w + b)))
    assert_close(entry(result, "output"), h @ v + c, what="the output of the net")
