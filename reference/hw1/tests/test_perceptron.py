"""Hidden tests of problems 1.1 and 1.2: the strict inequality, batches, gates."""

import numpy as np

from grader.testing import assert_array, assert_close, assert_scalar, check

INPUTS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # (4, 2)


def as_floats(value):
    """Whole numbers count as floats here: the handout allows 1 for 1.0."""
    if type(value) is np.ndarray and value.dtype.kind in "iu":
        return value.astype(float)
    return value


def gate_outputs(gate, name):
    """What a perceptron with the pair (w, b) that `name` returned gives on {0, 1}²."""
    check(
        type(gate) in (tuple, list) and len(gate) == 2,
        what=f"what {name}() returns",
        expected="a pair (w, b)",
    )
    w = assert_array(as_floats(gate[0]), shape=(2,), what=f"w of {name}()")
    b = assert_scalar(gate[1], what=f"b of {name}()")
    return np.where(INPUTS @ w + b > 0, 1.0, 0.0)


def test_step_is_zero_at_zero(student):
    """step is 0 at exactly 0 and 1 at the smallest positive number, and keeps the array's shape."""
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


def test_perceptron_of_a_batch(student, rng):
    """The perceptron of a batch (N, d) gives (N,), and 0 for an input on the decision boundary."""
    w = rng.permutation([1.0, -2.0, 3.0])
    b = float(rng.choice([-2.0, 2.0]))
    X = rng.integers(-3, 4, size=(40, 3)).astype(float)
    X[0] = np.where(w == 1, -b, 0)  # lies on the boundary: w·x + b = 0 exactly
    X[1] = 0.0  # w·x + b = b
    X[2] = np.where(w == 1, -b / 2, 0)  # w·x and w·x + b have different signs
    z = X @ w + b  # (N,), whole numbers: exact
    assert_close(
        as_floats(student.perceptron(X, w, b)),
        np.where(z > 0, 1.0, 0.0),
        what="perceptron(X, w, b)",
        rtol=0,
        mistakes={
            "an input on the boundary, w·x + b = 0, must give 0": np.where(z >= 0, 1.0, 0.0),
            "the bias is left out": np.where(X @ w > 0, 1.0, 0.0),
            "the bias is subtracted": np.where(X @ w - b > 0, 1.0, 0.0),
        },
    )


def test_or_and_nand_gates(student):
    """The perceptron with the weights of or_gate() and nand_gate() computes OR and NAND."""
    corner = "a corner lies on the boundary, where the perceptron gives 0"
    assert_close(
        gate_outputs(student.or_gate(), "or_gate"),
        np.array([0.0, 1.0, 1.0, 1.0]),
        what="OR of 00, 01, 10, 11",
        mistakes={"this gate is AND; perhaps " + corner: np.array([0.0, 0.0, 0.0, 1.0])},
    )
    assert_close(
        gate_outputs(student.nand_gate(), "nand_gate"),
        np.array([1.0, 1.0, 1.0, 0.0]),
        what="NAND of 00, 01, 10, 11",
        mistakes={
            "this gate is NOR; perhaps " + corner: np.array([1.0, 0.0, 0.0, 0.0]),
            "this gate is AND": np.array([0.0, 0.0, 0.0, 1.0]),
        },
    )
