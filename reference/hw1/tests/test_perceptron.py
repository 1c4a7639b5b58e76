"""Hidden tests of problems 1.1 and 1.2: the strict inequality, batches, gates."""

import numpy as np

from grader.testing import (
    assert_array,
    assert_close,
    assert_scalar,
    assert_sequence,
    assert_unchanged,
)

INPUTS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # (4, 2)


def as_floats(value):
    """Whole numbers and booleans count as floats here: the handout allows 1 and True for 1.0."""
    if type(value) in (bool, np.bool_):
        return float(value)
    if type(value) is np.ndarray and value.dtype.kind in "iub":
        return value.astype(float)
    return value


def gate_sums(gate, name):
    """w·x + b on {0, 1}² for the pair (w, b) that `name` returned."""
    gate = assert_sequence(
        gate,
        2,
        what=f"what {name}() returns",
        expected="a pair (w, b)",
    )
    w = assert_array(as_floats(gate[0]), shape=(2,), what=f"w of {name}()")
    b = assert_scalar(gate[1], what=f"b of {name}()")
    return INPUTS @ w + b


def test_step_is_zero_at_zero(student):
    """step is 0 at exactly 0 and 1 at the smallest positive number, of an array or one number."""
    z = np.array([[0.0, -0.0, 5e-324], [1e-300, -1e-300, 0.5], [-7.0, 2.0, -0.5], [30.0, 0.0, 1.0]])
    assert_close(
        as_floats(student.step(z)),
        np.where(z > 0, 1.0, 0.0),
        what="step(z)",
        rtol=0,
        mistakes={
            "step is 1 at exactly 0, where it must be 0": np.where(z >= 0, 1.0, 0.0),
            "step is ½ at exactly 0, where it must be 0": np.heaviside(z, 0.5),
            "this is the sign, -1 for negative numbers": np.sign(z),
        },
    )
    for number, expected in ((0.5, 1.0), (0.0, 0.0), (-2, 0.0)):
        assert_close(as_floats(student.step(number)), expected, what="step of a Python number")


def test_perceptron_of_a_batch(student, rng):
    """The perceptron of a batch (N, d) gives (N,), 0 on the decision boundary, and changes none."""
    w = rng.permutation([1.0, -2.0, 3.0])
    b = float(rng.choice([-2.0, 2.0]))
    X = rng.integers(-3, 4, size=(40, 3)).astype(float)
    X[0] = np.where(w == 1, -b, 0)  # lies on the boundary: w·x + b = 0 exactly
    X[1] = 0.0  # w·x + b = b
    X[2] = np.where(w == 1, -b / 2, 0)  # w·x and w·x + b have different signs
    z = X @ w + b  # (N,), whole numbers: exact
    outputs, arguments = student.with_arguments(student.perceptron, X, w, b)
    assert_close(
        as_floats(outputs),
        np.where(z > 0, 1.0, 0.0),
        what="perceptron(X, w, b)",
        rtol=0,
        mistakes={
            "an input on the boundary, w·x + b = 0, must give 0": np.where(z >= 0, 1.0, 0.0),
            "the bias is left out": np.where(X @ w > 0, 1.0, 0.0),
            "the bias is subtracted": np.where(X @ w - b > 0, 1.0, 0.0),
        },
    )
    assert_unchanged([X, w, b], arguments, what="the arguments of perceptron(X, w, b)")


def test_or_and_nand_gates(student):
    """The perceptron with the weights of or_gate() and nand_gate() computes OR and NAND."""
    gates = {
        "AND": np.array([0.0, 0.0, 0.0, 1.0]),
        "OR": np.array([0.0, 1.0, 1.0, 1.0]),
        "NAND": np.array([1.0, 1.0, 1.0, 0.0]),
        "NOR": np.array([1.0, 0.0, 0.0, 0.0]),
    }
    for name in ("OR", "NAND"):
        z = gate_sums(getattr(student, f"{name.lower()}_gate")(), f"{name.lower()}_gate")
        outputs = np.where(z > 0, 1.0, 0.0)
        mistakes = {f"this gate is {other}": table for other, table in gates.items()}
        if np.any((z == 0) & (gates[name] == 1)):
            corner = "a corner lies on the boundary w·x + b = 0, where the perceptron gives 0"
            mistakes = {corner: outputs}
        assert_close(outputs, gates[name], what=f"{name} of 00, 01, 10, 11", mistakes=mistakes)
