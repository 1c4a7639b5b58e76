"""Hidden tests of hw4, problems 4.3 to 4.5: matrices, elementwise functions, softmax.

The oracle for random expressions is the complex step: f'(x) = Im f(x + ih) / h, exact to rounding
because nothing is subtracted (Squire & Trapp 1998, SIAM Review 40, 110-112).
"""

import numpy as np

from grader.testing import assert_close, numerical_gradient

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
            A, B = student.Mat(a), student.Mat(b)
            Y = f(A, B)
            Y.backward(s)
            what = f"of A {op} B for A of shape {shape_a} and B of shape {shape_b}"
            assert_close(Y.val, f(a, b), what=f"the value {what}")
            for name, leaf, expected in (
                ("A", A, by_complex_steps(lambda z, f=f, b=b, s=s: (s * f(z, b)).sum(), a)),
                ("B", B, by_complex_steps(lambda z, f=f, a=a, s=s: (s * f(a, z)).sum(), b)),
            ):
                expected = float(expected) if expected.shape == () else expected
                assert_close(leaf.grad, expected, what=f"{name}.grad {what}", rtol=1e-9)


def random_graph(rng):
    """Each operation of `run_graph` once, in random order: (name, the latest node, any node)."""
    names = ["+", "-", "*", "bias", "column", "@", "mean 0", "sum 1", *FUNCTIONS]
    order = enumerate(rng.permutation(len(names)))
    return [(names[k], 1 + i, int(rng.integers(2 + i))) for i, k in order]


def run_graph(program, leaves, apply):
    """The sum over a last node. leaves: x (4, 3), y (4, 3), then W (3, 3), b (3,), c (4, 1)."""
    w, b, c = leaves[2:]
    nodes = [leaves[0], leaves[1]]
    for op, i, j in program:
        p, q = nodes[i], nodes[j]
        if op == "bias":
            y = p * b + q
        elif op == "column":
            y = c - p * q
        elif op == "@":
            y = p @ w
        elif op == "mean 0":
            y = p * apply("mean", q, 0)
        elif op == "sum 1":
            y = p * apply("mean", apply("sum", q, 1) * WEIGHTS)
        elif op == "log":
            y = apply("log", q * q + 1.0)
        elif op == "exp":
            y = apply("exp", apply("tanh", p))
        elif op in PRODUCTS:
            y = PRODUCTS[op](p, q)
        else:
            y = apply(op, p)
        nodes.append(y)
    return apply("sum", nodes[-1] * nodes[len(nodes) // 2])


def of_arrays(name, a, *axis):
    """The functions of `run_graph`, for float or complex arrays."""
    return getattr(a, name)(*axis) if name in ("sum", "mean") else FUNCTIONS[name](a)


def of_student(name, node, *axis):
    """The functions of `run_graph`, for the student's variables."""
    return getattr(node, name)(*axis)


def test_mat_random_graphs(student, rng):
    """Random expressions of matrices, in which nodes are shared, added, multiplied and summed."""
    for _ in range(2):
        arrays = [0.7 * rng.normal(size=n) for n in ((4, 3), (4, 3), (3, 3), (3,), (4, 1))]
        program = random_graph(rng)
        leaves = [student.Mat(a) for a in arrays]
        f = run_graph(program, leaves, of_student)
        assert_close(
            f.val, float(run_graph(program, arrays, of_arrays)), what="the value of an expression"
        )
        f.backward()
        for k, name in enumerate(("x", "y", "W", "b", "c")):

            def value(z, k=k, arrays=arrays, program=program):
                return run_graph(program, [*arrays[:k], z, *arrays[k + 1 :]], of_arrays)

            assert_close(
                leaves[k].grad,
                by_complex_steps(value, arrays[k]),
                what=f"{name}.grad of a random expression of x, y, W, b, c",
                rtol=1e-8,
                atol=1e-10,
            )


def own_arrays(student, a, b):
    """A probe: what A holds after its array was changed, and the gradients of two expressions."""
    import numpy as np

    A, B = student.Mat(a), student.Mat(b)
    a += 1.0
    (A + B).backward()
    (A * 2.0).backward()
    return np.stack([A.val, A.grad, B.grad])


def test_mat_keeps_its_own_arrays(student, rng):
    """A leaf copies its array, and no two gradients are the same array in memory."""
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    ones = np.ones((2, 3))
    assert_close(
        student.run(own_arrays, a, b),
        np.stack([a, 3 * ones, ones]),
        what="A.val, A.grad and B.grad after a changed outside, and A + B and 2 A went backward",
        mistakes={
            "A holds the caller's array": np.stack([a + 1, 3 * ones, ones]),
            "A.grad and B.grad are one array": np.stack([a, 3 * ones, 3 * ones]),
        },
    )


def test_mat_function_gradients(student, rng):
    """exp, log, sigmoid, tanh and relu have the right derivative, times s."""
    a, s = 1.5 * rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    for name, f in FUNCTIONS.items():
        x = np.abs(a) + 0.1 if name == "log" else a
        A = student.Mat(x)
        Y = getattr(A, name)()
        Y.backward(s)
        expected = by_complex_steps(lambda z, f=f: (s * f(z)).sum(), x)
        assert_close(Y.val, f(x), what=f"the value of A.{name}()")
        assert_close(
            A.grad,
            expected,
            what=f"the gradient of A.{name}()",
            rtol=1e-9,
            mistakes={"s, the derivative by the result, is left out": expected / s},
        )
    A = student.Mat(np.array([[-1000.0, 0.0, 1000.0]]))
    Y = A.sigmoid()
    Y.backward()
    assert_close(Y.val, np.array([[0.0, 0.5, 1.0]]), what="the sigmoid of -1000, 0 and 1000")
    assert_close(A.grad, np.array([[0.0, 0.25, 0.0]]), what="its gradient there")


def cost(z, labels):
    """Mean over samples of ln Σ e^z - z[label]."""
    return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(labels)), labels]))


def test_softmax_cross_entropy_gradient(student, rng):
    """The gradient by the scores, for a batch with repeated labels and a cost that is scaled."""
    z, labels = rng.normal(size=(6, 4)), np.array([1, 3, 3, 0, 1, 3])
    Z = student.Mat(z)
    E = student.softmax_cross_entropy(Z, labels) * 3.0
    assert_close(E.val, 3.0 * cost(z, labels), what="three times the cost", batch_size=6)
    E.backward()
    expected = numerical_gradient(lambda z: 3.0 * cost(z, labels), z)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    assert_close(
        Z.grad,
        expected,
        what="the gradient of three times the cost",
        rtol=1e-6,
        atol=1e-9,
        batch_size=6,
        mistakes={
            "s, the derivative by the cost, is left out": expected / 3.0,
            "the one-hot labels are not subtracted": 3.0 * p / 6,
        },
    )


def test_softmax_cross_entropy_of_large_scores(student, rng):
    """Scores of ±1000 give a finite cost and a finite gradient."""
    z = np.array([[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 999.0]])
    Z = student.Mat(z)
    E = student.softmax_cross_entropy(Z, np.array([1, 2]))
    E.backward()
    assert_close(E.val, (2000.0 + np.log1p(np.exp(1.0))) / 2, what="the cost of large scores")
    p = 1 / (1 + np.exp(-1.0))
    expected = np.array([[0.5, -0.5, 0.0], [0.0, p / 2, -p / 2]])
    assert_close(Z.grad, expected, what="its gradient")
