"""Hidden tests of hw4, problems 4.1 and 4.2: expressions of numbers and their gradients.

The oracle for random expressions is the complex step: f'(x) = Im f(x + ih) / h, exact to rounding
because nothing is subtracted (Squire & Trapp 1998, SIAM Review 40, 110-112).
"""

import cmath
import math
import operator

import numpy as np

from grader.testing import assert_array, assert_close, assert_equal

H = 1e-30  # step along the imaginary axis: h² vanishes beside 1
OPERATIONS = {
    "x + y": [("+", 0, 1)],
    "x - y": [("-", 0, 1)],
    "y - x": [("-", 1, 0)],
    "x y": [("*", 0, 1)],
    "x / y": [("/", 0, 1)],
    "y / x": [("/", 1, 0)],
    "x ** 2": [("**", 0, 2)],
    "x ** 3": [("**", 0, 3)],
    "y ** -2": [("**", 1, -2)],
    "y ** 0.5": [("**", 1, 0.5)],
    "sin x": [("sin", 0, 0)],
    "exp x": [("exp", 0, 0)],
    "log y": [("log", 1, 1)],
}
BINARY = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}


def differentiate(student, programs, leaves):
    """A probe: for each program, the value of its last node and its derivatives, as a row."""
    import operator

    import numpy as np

    binary = {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": operator.truediv,
        "**": operator.pow,
    }
    rows = []
    for program in programs:
        nodes = [student.Var(x) for x in leaves]
        for op, i, j in program:
            b = j if op == "**" else nodes[j]
            nodes.append(binary[op](nodes[i], b) if op in binary else getattr(nodes[i], op)())
        nodes[-1].backward()
        rows.append([float(nodes[-1].val)] + [float(x.grad) for x in nodes[: len(leaves)]])
    return np.array(rows)


def differentiate_trees(student, programs, leaves):
    """A probe: like `differentiate`, with new nodes for every use, so that none is used twice."""
    import operator

    import numpy as np

    binary = {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": operator.truediv,
        "**": operator.pow,
    }

    def build(k):
        if k < len(leaves):
            uses[k].append(student.Var(leaves[k]))
            return uses[k][-1]
        op, i, j = program[k - len(leaves)]
        if op not in binary:
            return getattr(build(i), op)()
        return binary[op](build(i), j if op == "**" else build(j))

    rows = []
    for program in programs:
        uses = [[] for _ in leaves]
        root = build(len(leaves) + len(program) - 1)
        root.backward()
        rows.append([float(root.val)] + [sum(float(x.grad) for x in nodes) for nodes in uses])
    return np.array(rows)


def apply(op, a, b):
    """One operation on float or complex numbers."""
    return BINARY[op](a, b) if op in BINARY else getattr(cmath, op)(a)


def last_value(program, leaves):
    """The value of a program's last node, for float or complex leaves."""
    nodes = list(leaves)
    for op, i, j in program:
        nodes.append(apply(op, nodes[i], j if op == "**" else nodes[j]))
    return nodes[-1]


def value_and_gradient(program, leaves):
    """The program's value and its derivative by each leaf, by complex steps. -> list of floats"""
    row = [complex(last_value(program, leaves)).real]
    for k in range(len(leaves)):
        step = [complex(x, H) if i == k else complex(x) for i, x in enumerate(leaves)]
        row.append(last_value(program, step).imag / H)
    return row


def random_program(rng, leaves, length):
    """Operations (name, operand, operand or exponent), each on the latest node and an older one."""
    nodes = list(leaves)
    program = []
    while len(program) < length:
        op = str(rng.choice(["+", "-", "*", "/", "**", "sin", "exp", "log"]))
        i, j = len(nodes) - 1, int(rng.integers(len(nodes)))
        if op in BINARY and rng.random() < 0.3:
            i, j = j, i
        if op == "**":
            j = int(rng.choice([-2, -1, 2, 3]))
        if (op == "log" and nodes[i] <= 0) or (op == "exp" and nodes[i] > 2):
            continue
        y = complex(apply(op, nodes[i], j if op == "**" else nodes[j])).real
        if 0.1 < abs(y) < 10:  # keeps the expression well-conditioned
            nodes.append(y)
            program.append((op, i, j))
    return program


def values_of(student, expressions, a, b):
    """A probe: the values of expressions in the variables x and y."""
    x, y = student.Var(a), student.Var(b)
    return {text: eval(text, {"x": x, "y": y}).val for text in expressions}


def entry(result, name):
    """One entry of what a probe returned, or nothing where it returned something else."""
    return result.get(name) if type(result) is dict else None


def test_var_operations(student, rng):
    """Every operation has the right value, with variables and with plain numbers on either side."""
    a, b = (float(v) for v in rng.uniform(0.5, 2.0, size=2))
    expected = {
        "x + y": a + b,
        "x - y": a - b,
        "x * y": a * b,
        "x / y": a / b,
        "x ** 3": a**3,
        "x ** -0.5": a**-0.5,
        "-x": -a,
        "x.sin()": math.sin(a),
        "x.exp()": math.exp(a),
        "x.log()": math.log(a),
        "x + 3": a + 3,
        "3 + x": 3 + a,
        "x - 3": a - 3,
        "3 - x": 3 - a,
        "x * 3": a * 3,
        "3 * x": 3 * a,
        "x / 3": a / 3,
        "3 / x": 3 / a,
    }
    values = student.run(values_of, list(expected), a, b)
    for text, value in expected.items():
        assert_close(entry(values, text), value, what=f"the value of {text}", rtol=1e-12)


def creators(student, a, b):
    """A probe: the operands of y - x and of x * y, by value and in order."""
    x, y = student.Var(a), student.Var(b)
    difference, product = y - x, x * y
    return [[float(v.val) for v in f.creator.args] for f in (difference, product)]


def reevaluated(student, a, b, c):
    """A probe: f = sin(xy) x + ln y after x has changed from a to c."""
    x, y = student.Var(a), student.Var(b)
    f = (x * y).sin() * x + y.log()
    x.val = c
    return {"evaluate": f.evaluate(), "val": f.val}


def slope_at_another_point(student, a, b, c):
    """A probe: the derivative by x of sin(xy) x + ln y after x has changed from a to c."""
    x, y = student.Var(a), student.Var(b)
    f = (x * y).sin() * x + y.log()
    x.val = c
    f.evaluate()
    f.backward()
    return x.grad


def test_var_evaluate_follows_the_leaves(student, rng):
    """After a leaf got a new value, evaluate() recomputes the result."""
    a, b, c = (float(v) for v in rng.uniform(1.0, 2.0, size=3))
    result = student.run(reevaluated, a, b, c)
    value = math.sin(c * b) * c + math.log(b)
    assert_close(
        entry(result, "evaluate"),
        value,
        what="f.evaluate() after x.val was changed",
        mistakes={"it is the value for the old x": math.sin(a * b) * a + math.log(b)},
    )
    assert_close(entry(result, "val"), value, what="f.val after f.evaluate()")
    assert_equal(
        student.run(creators, a, b),
        [[b, a], [a, b]],
        what="the values of creator.args, in order, of y - x and of x * y",
    )


def test_var_local_derivatives(student, rng):
    """The derivative of each operation by each operand, at negative operands too."""
    a = -float(rng.uniform(0.5, 2.0))
    b = float(rng.uniform(0.5, 2.0))
    leaves = [a, b]
    table = student.run(differentiate, list(OPERATIONS.values()), leaves)
    table = assert_array(table, shape=(13, 3), finite=False, what="values and derivatives")
    for row, (name, program) in zip(table, OPERATIONS.items(), strict=True):
        expected = np.array(value_and_gradient(program, leaves))
        what = f"(value, derivative by x, derivative by y) of {name}"
        assert_close(row, expected, what=what, rtol=1e-9)


def all_right(got, expected):
    """Whether what came back is this array, to eight digits."""
    return (
        type(got) is np.ndarray
        and got.dtype == float
        and got.shape == expected.shape
        and np.allclose(got, expected, rtol=1e-8, atol=1e-9)
    )


def test_var_random_graphs(student, rng):
    """Random expressions of three variables, in which nodes are used several times; a new point."""
    leaves = [float(v) for v in rng.uniform(0.5, 2.0, size=3)]
    programs = [random_program(rng, leaves, 12) for _ in range(10)]
    expected = np.array([value_and_gradient(p, leaves) for p in programs])
    got = student.run(differentiate, programs, leaves)
    hint = None
    if not all_right(got, expected) and all_right(
        student.run(differentiate_trees, programs, leaves), expected
    ):
        hint = (
            "It is right where no node is used twice. A node's gradient is complete only when "
            "every result made from it has been visited."
        )
    assert_close(
        got,
        expected,
        what="a table with a row for each random expression (value, three derivatives)",
        rtol=1e-8,
        atol=1e-9,
        hint=hint,
    )
    a, b, c = (float(v) for v in rng.uniform(1.0, 2.0, size=3))
    assert_close(
        student.run(slope_at_another_point, a, b, c),
        math.cos(c * b) * b * c + math.sin(c * b),
        what="the derivative by x of sin(xy) x + ln y after x.val was changed and f.evaluate()",
        rtol=1e-9,
        mistakes={"it is the derivative at the old x": math.cos(a * b) * b * a + math.sin(a * b)},
    )


def chain(student, x, times):
    """A probe: ½ added to x so many times; what evaluate, backward and zero_grad do."""
    import numpy as np

    leaf = student.Var(x)
    node = leaf
    for _ in range(times):
        node = node + 0.5
    node.backward()
    slope = float(leaf.grad)
    node.zero_grad()
    leaf.val = 2 * x
    return np.array([float(node.evaluate()), slope, float(leaf.grad)])


def doublings(student, a, times):
    """A probe: A <- A + A, so many times over; what evaluate, backward and zero_grad do."""
    import numpy as np

    leaf = student.Mat(a)
    node = leaf
    for _ in range(times):
        node = node + node
    node.backward()
    slope = leaf.grad.copy()
    node.zero_grad()
    return np.stack([node.evaluate(), slope, leaf.grad])


def test_long_chain_and_many_paths(student, rng):
    """A chain of thousands of nodes, and a graph with 2^50 paths: each node is visited once."""
    x, times = float(rng.uniform(1.0, 2.0)), 2500
    assert_close(
        student.run(chain, x, times),
        np.array([2 * x + 0.5 * times, 1.0, 0.0]),
        what="the value, the derivative and the zeroed gradient of a chain of 2,500 sums",
        rtol=1e-9,
    )
    a = rng.normal(size=(2, 3))
    assert_close(
        student.run(doublings, a, 50),
        np.stack([a * 2.0**50, np.full(a.shape, 2.0**50), np.zeros(a.shape)]),
        what="the value, gradient and zeroed gradient of A <- A + A, 50 times",
    )


def accumulations(student, a, b):
    """A probe: x.grad, y.grad after each of five calls on f = q + 2 and g = q + 1, q = x + y."""
    import numpy as np

    x, y = student.Var(a), student.Var(b)
    q = x + y
    f, g = q + 2.0, q + 1.0
    rows = []
    for call in (
        f.backward,
        f.backward,
        lambda: g.backward(-3.0),
        f.zero_grad,
        lambda: f.backward(0.5),
    ):
        call()
        rows.append([float(x.grad), float(y.grad)])
    return np.array(rows)


def held_by_results(student, a, b):
    """A probe: the grads of both results in f = q + 1, q = x + y, after backward and zero_grad."""
    import numpy as np

    q = student.Var(a) + student.Var(b)
    f = q + 1.0
    f.backward(3.0)
    row = [float(f.grad), float(q.grad)]
    f.zero_grad()
    return np.array([row, [float(f.grad), float(q.grad)]])


def test_var_backward_accumulates(student, rng):
    """backward() adds to what is there, times s, in results too; zero_grad() clears all of it."""
    a, b = (float(v) for v in rng.uniform(0.5, 2.0, size=2))
    ones = np.ones(2)
    assert_close(
        student.run(accumulations, a, b),
        np.outer([1.0, 2.0, -1.0, 0.0, 0.5], ones),
        what="x.grad, y.grad (columns) after: f.backward() twice, g.backward(-3), f.zero_grad(), "
        "f.backward(0.5) (rows), for f = q + 2 and g = q + 1 with q = x + y",
        mistakes={
            "each call overwrites what was there": np.outer([1.0, 1.0, -3.0, 0.0, 0.5], ones),
            "s is ignored": np.outer([1.0, 2.0, 3.0, 0.0, 1.0], ones),
            "a call passes down what earlier calls left in a grad, too": np.outer(
                [1.0, 4.0, 4.0, 0.0, 0.5], ones
            ),
        },
    )
    assert_close(
        student.run(held_by_results, a, b),
        np.array([[3.0, 3.0], [0.0, 0.0]]),
        what="f.grad, q.grad (columns) after f.backward(3) and f.zero_grad() (rows), for f = q + 1 "
        "with q = x + y",
        mistakes={
            "results get no gradient, only leaves": np.zeros((2, 2)),
            "zero_grad() clears the leaves only": np.array([[3.0, 3.0], [3.0, 3.0]]),
        },
    )
