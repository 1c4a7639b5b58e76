"""Hidden tests of hw4, problems 4.3 to 4.5: matrices, elementwise functions, softmax.

The oracle for random expressions is the complex step: f'(x) = Im f(x + ih) / h, exact to rounding
because nothing is subtracted (Squire & Trapp 1998, SIAM Review 40, 110-112).
"""

import numpy as np

from grader.testing import assert_close, assert_unchanged, numerical_gradient

H = 1e-30  # step along the imaginary axis: h² vanishes beside 1
FUNCTIONS = {
    "exp": np.exp,
    "log": np.log,
    "tanh": np.tanh,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "relu": lambda a: np.where(a.real > 0, a, 0.0),
}
WEIGHTS = np.array([0.5, -1.0, 2.0, 0.25])
PRODUCTS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "@": lambda a, b: a @ b,
}


def differentiate(student, expression, arrays, s):
    """A probe: the value of an expression of matrices, its gradient by each, and their values."""
    leaves = {name: student.Mat(a) for name, a in arrays.items()}
    f = eval(expression, {"student": student}, leaves)
    result = {"value": f.val}
    f.backward(s)
    result |= {name: leaf.grad for name, leaf in leaves.items()}
    return result | {f"{name}.val": leaf.val for name, leaf in leaves.items()}


def entry(result, name):
    """One entry of what a probe returned, or nothing where it returned something else."""
    return result.get(name) if type(result) is dict else None


def assert_kept(result, arrays, expression):
    """The operands of an expression still have their values."""
    for name, a in arrays.items():
        what = f"{name}.val after {expression} and backward: operands keep their values"
        expected = float(a) if a.shape == () else a
        assert_close(entry(result, f"{name}.val"), expected, what=what, rtol=0, atol=0)


def by_complex_steps(f, a):
    """The gradient of f, a number, by each element of the array a."""
    gradient = np.zeros(a.shape)
    for index in np.ndindex(a.shape):
        z = a.astype(complex)
        z[index] += 1j * H
        gradient[index] = f(z).imag / H
    return gradient


def test_mat_broadcast_gradients(student, rng):
    """In A + B, A - B and A * B each gradient has its operand's shape, whichever is broadcast."""
    for shape_a, shape_b in (
        ((4, 3), (3,)),
        ((4, 3), (4, 1)),
        ((1, 3), (4, 3)),
        ((1, 3), (4, 1)),
        ((), (4, 3)),
        ((3,), (2, 3)),
    ):
        a, b = np.array(rng.normal(size=shape_a)), np.array(rng.normal(size=shape_b))
        for op in "+-*":
            f = PRODUCTS[op]
            s = rng.normal(size=f(a, b).shape)
            result = student.run(differentiate, f"A {op} B", {"A": a, "B": b}, s)
            what = f"of A {op} B for A of shape {shape_a} and B of shape {shape_b}"
            assert_close(entry(result, "value"), f(a, b), what=f"the value {what}")
            for name, expected in (
                ("A", by_complex_steps(lambda z, f=f, b=b, s=s: (s * f(z, b)).sum(), a)),
                ("B", by_complex_steps(lambda z, f=f, a=a, s=s: (s * f(a, z)).sum(), b)),
            ):
                expected = float(expected) if expected.shape == () else expected
                assert_close(entry(result, name), expected, what=f"{name}.grad {what}", rtol=1e-9)
            assert_kept(result, {"A": a, "B": b}, f"A {op} B")


def random_graph(rng):
    """Each of these operations once, in random order: (name, the latest node, any node)."""
    names = ["+", "-", "*", "bias", "column", "@", "mean 0", "sum 1", "log", "exp"]
    order = enumerate(rng.permutation(len(names)))
    return [(names[k], 1 + i, int(rng.integers(2 + i))) for i, k in order]


def expressions(program):
    """The program as texts: each result in terms of n0, n1, ... and of W, b, c."""
    forms = {
        "+": "{p} + {q}",
        "-": "{p} - {q}",
        "*": "{p} * {q}",
        "bias": "{p} * b + {q}",
        "column": "c - {p} * {q}",
        "@": "{p} @ W",
        "mean 0": "{p} * {q}.mean(0)",
        "sum 1": "{p} * ({q}.sum(1) * weights).mean()",
        "log": "({q} * {q} + 1.0).log()",
        "exp": "(({p} * {p} + 1.0).log() * -0.5).exp()",  # at most 1
    }
    lines = [forms[op].format(p=f"n{i}", q=f"n{j}") for op, i, j in program]
    n = len(lines) + 1
    return [*lines, f"(n{n} * n{n // 2}).sum()"]


class Plain:
    """An array, float or complex, with the methods of the student's Mat: the oracle's side."""

    __array_ufunc__ = None

    def __init__(self, val):
        self.val = val

    def __getattr__(self, name):
        if name in ("sum", "mean"):
            return lambda *axis: Plain(getattr(self.val, name)(*axis))
        return lambda: Plain(FUNCTIONS[name](self.val))

    def _apply(self, op, other):
        return Plain(PRODUCTS[op](self.val, getattr(other, "val", other)))

    def __add__(self, other):
        return self._apply("+", other)

    def __sub__(self, other):
        return self._apply("-", other)

    def __mul__(self, other):
        return self._apply("*", other)

    def __matmul__(self, other):
        return self._apply("@", other)


def last_value(lines, arrays):
    """The value of the last line, for float or complex arrays n0, n1, W, b, c."""
    names = {name: Plain(a) for name, a in arrays.items()} | {"weights": WEIGHTS}
    for k, line in enumerate(lines, start=2):
        names[f"n{k}"] = eval(line, {}, names)
    return names[f"n{len(lines) + 1}"].val  # the lines may be compiled ones


def run_lines(student, lines, arrays, weights):
    """A probe: the value of the last line, and its gradient by n0, n1, W, b, c."""
    leaves = {name: student.Mat(a) for name, a in arrays.items()}
    names = leaves | {"weights": weights}
    for k, line in enumerate(lines, start=2):
        names[f"n{k}"] = eval(line, {}, names)
    f = names[f"n{len(lines) + 1}"]
    f.backward()
    return {"value": f.val} | {name: leaf.grad for name, leaf in leaves.items()}


def test_mat_random_graphs(student, rng):
    """Random expressions of matrices, in which nodes are shared, added, multiplied and summed."""
    shapes = {"n0": (4, 3), "n1": (4, 3), "W": (3, 3), "b": (3,), "c": (4, 1)}
    for _ in range(2):
        arrays = {name: 0.7 * rng.normal(size=shape) for name, shape in shapes.items()}
        lines = expressions(random_graph(rng))
        result = student.run(run_lines, lines, arrays, WEIGHTS)
        lines = [compile(line, "expression", "eval") for line in lines]
        value = float(last_value(lines, arrays))
        assert_close(entry(result, "value"), value, what="the value of a random expression")
        for name, a in arrays.items():
            expected = by_complex_steps(
                lambda z, name=name, arrays=arrays, lines=lines: last_value(
                    lines, arrays | {name: z}
                ),
                a,
            )
            assert_close(
                entry(result, name),
                expected,
                what=f"the gradient by {name} of a random expression of n0, n1, W, b, c",
                rtol=1e-8,
                atol=1e-10,
            )


def own_arrays(student, a, b):
    """A probe: what A holds after its array was changed, and the gradients of two expressions."""
    import numpy as np

    A, B = student.Mat(a), student.Mat(b)
    a += 1.0
    (A + B).backward()
    (A + 1.0).backward()
    return np.stack([A.val, A.grad, B.grad])


def test_mat_keeps_its_own_arrays(student, rng):
    """A leaf copies its array, and no two gradients are the same array in memory."""
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    ones = np.ones((2, 3))
    assert_close(
        student.run(own_arrays, a, b),
        np.stack([a, 2 * ones, ones]),
        what="A.val, A.grad and B.grad after a changed outside, and A + B and A + 1 went backward",
        mistakes={
            "A holds the caller's array": np.stack([a + 1, 2 * ones, ones]),
            "A.grad and B.grad are one array": np.stack([a, 2 * ones, 2 * ones]),
        },
    )


def test_mat_function_gradients(student, rng):
    """exp, log, sigmoid, tanh and relu: the derivative times s; the operand keeps its values."""
    a, s = 1.5 * rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    for name, f in FUNCTIONS.items():
        x = np.abs(a) + 0.1 if name == "log" else a
        result = student.run(differentiate, f"A.{name}()", {"A": x}, s)
        expected = by_complex_steps(lambda z, f=f: (s * f(z)).sum(), x)
        assert_close(entry(result, "value"), f(x), what=f"the value of A.{name}()")
        assert_close(
            entry(result, "A"),
            expected,
            what=f"the gradient of A.{name}()",
            rtol=1e-9,
            mistakes={"s, the derivative by the result, is left out": expected / s},
        )
        assert_kept(result, {"A": x}, f"A.{name}()")
    result = student.run(differentiate, "A.relu()", {"A": np.array([[-1.0, 0.0, 2.0]])}, 1.0)
    assert_close(
        entry(result, "A"),
        np.array([[0.0, 0.0, 1.0]]),
        what="the gradient of A.relu() for elements of -1, 0 and 2",
        mistakes={
            "the derivative at exactly 0 is 1, where the handout takes it as 0": np.array(
                [[0.0, 1.0, 1.0]]
            ),
            "the derivative at exactly 0 is ½, where the handout takes it as 0": np.array(
                [[0.0, 0.5, 1.0]]
            ),
        },
    )
    composed, b = "(A.relu() + B.tanh()).sigmoid().exp()", rng.normal(size=(3, 4))
    result = student.run(differentiate, composed, {"A": a, "B": b}, s)

    def by_hand(a, b):
        inner = FUNCTIONS["relu"](a) + FUNCTIONS["tanh"](b)
        return (s * np.exp(FUNCTIONS["sigmoid"](inner))).sum()

    for name, expected in (
        ("A", by_complex_steps(lambda z: by_hand(z, b), a)),
        ("B", by_complex_steps(lambda z: by_hand(a, z), b)),
    ):
        what = f"{name}.grad of {composed}"
        assert_close(entry(result, name), expected, what=what, rtol=1e-9)
    large = {"A": np.array([[-1000.0, 0.0, 1000.0]])}
    result = student.run(differentiate, "A.sigmoid()", large, 1.0)
    expected = np.array([[0.0, 0.5, 1.0]])
    assert_close(entry(result, "value"), expected, what="the sigmoid of -1000, 0 and 1000")
    assert_close(entry(result, "A"), np.array([[0.0, 0.25, 0.0]]), what="its gradient there")


def cost_and_gradient(student, z, labels, s):
    """A probe: the cost, s times its gradient by one call and by a second, and the arguments."""
    import numpy as np

    Z = student.Mat(z)
    E = student.softmax_cross_entropy(Z, labels)
    E.backward(s)
    once = np.array(Z.grad)
    E.zero_grad()
    E.backward(s)
    return {"value": E.val, "grad": once, "again": Z.grad, "scores": Z.val, "labels": labels}


def cost(z, labels):
    """Mean over samples of ln Σ e^z - z[label]."""
    return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(labels)), labels]))


def test_softmax_cross_entropy_gradient(student, rng):
    """The gradient by the scores, times s, is the same at a second call; z and labels stay."""
    z, labels = rng.normal(size=(6, 4)), np.array([1, 3, 3, 0, 1, 3])
    result = student.run(cost_and_gradient, z, labels, 3.0)
    assert_close(entry(result, "value"), cost(z, labels), what="the cost", batch_size=6)
    expected = numerical_gradient(lambda z: 3.0 * cost(z, labels), z)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    assert_close(
        entry(result, "grad"),
        expected,
        what="the gradient of the cost after backward(3)",
        rtol=1e-6,
        atol=1e-9,
        batch_size=6,
        mistakes={
            "s, the derivative by the cost, is left out": expected / 3.0,
            "the one-hot labels are not subtracted": 3.0 * p / 6,
        },
    )
    assert_close(
        entry(result, "again"),
        expected,
        what="the gradient of the cost after backward(3), zero_grad() and backward(3)",
        rtol=1e-6,
        atol=1e-9,
        mistakes={
            "each call of the pullback subtracts the labels from what the rule has saved": expected
            - 3.0 * np.eye(4)[labels] / 6
        },
    )
    assert_unchanged(
        z, entry(result, "scores"), what="z.val after softmax_cross_entropy(z, labels)"
    )
    assert_unchanged(
        labels, entry(result, "labels"), what="labels after softmax_cross_entropy(z, labels)"
    )


def test_softmax_cross_entropy_of_large_scores(student, rng):
    """Scores of ±1000 give a finite cost and a finite gradient."""
    z = np.array([[1000.0, -1000.0, 0.0], [-3000.0, -1000.0, -1001.0]])
    result = student.run(cost_and_gradient, z, np.array([1, 2]), 1.0)
    value = (2000.0 + np.log1p(np.exp(1.0))) / 2
    assert_close(entry(result, "value"), value, what="the cost of large scores")
    p = 1 / (1 + np.exp(-1.0))
    expected = np.array([[0.5, -0.5, 0.0], [0.0, p / 2, -p / 2]])
    assert_close(entry(result, "grad"), expected, what="its gradient")
