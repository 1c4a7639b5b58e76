"""Public tests of homework 1: small inputs whose results can be worked out on paper."""

import numpy as np

from grader.testing import (
    assert_array,
    assert_close,
    assert_scalar,
    assert_sequence,
)

INPUTS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # (4, 2)


def as_floats(value):
    """Whole numbers and booleans count as floats here: the handout allows 1 and True for 1.0."""
    if type(value) in (bool, np.bool_):
        return float(value)
    if type(value) is np.ndarray and value.dtype.kind in "iub":
        return value.astype(float)
    return value


def test_perceptron_of_single_inputs(student):
    """step takes a number; the perceptron weighs its inputs, adds the bias, compares with 0."""
    assert_close(as_floats(student.step(2.0)), 1.0, what="step(2.0), of a plain number")
    w, b = np.array([2.0, -1.0, 0.5]), -0.5
    inputs = [[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [0.0, 0.0, 2.0], [0.5, 1.0, 0.5]]
    # w·x + b is     0.5              -1.0             0.5              -0.25
    outputs = [student.perceptron(np.array(x), w, b) for x in inputs]
    outputs = [assert_scalar(as_floats(y), what="perceptron(x, w, b)") for y in outputs]
    assert_close(
        np.array(outputs), np.array([1.0, 0.0, 1.0, 0.0]), what="perceptron of four inputs"
    )


def test_and_gate(student):
    """The perceptron with the weights of and_gate() computes AND on {0, 1}²."""
    w, b = assert_sequence(
        student.and_gate(),
        2,
        what="what and_gate() returns",
        expected="a pair (w, b)",
    )
    if type(w) is np.ndarray and w.dtype.kind in "iu":
        w = w.astype(float)  # whole weights are as good
    w = assert_array(w, shape=(2,), what="w of and_gate()")
    b = assert_scalar(b, what="b of and_gate()")
    outputs = np.where(INPUTS @ w + b > 0, 1.0, 0.0)
    assert_close(
        outputs,
        np.array([0.0, 0.0, 0.0, 1.0]),
        what="AND of 00, 01, 10, 11",
        mistakes={"this gate is OR": np.array([0.0, 1.0, 1.0, 1.0])},
    )


def test_activations_at_known_points(student):
    """Activations and derivatives at points where they are simple fractions."""
    z = np.array([-np.log(3), 0.0, np.log(2)])
    expected = {
        "sigmoid": [1 / 4, 1 / 2, 2 / 3],
        "sigmoid_prime": [3 / 16, 1 / 4, 2 / 9],
        "tanh": [-4 / 5, 0.0, 3 / 5],
        "tanh_prime": [9 / 25, 1.0, 16 / 25],
        "relu": [0.0, 0.0, np.log(2)],
        "relu_prime": [0.0, 0.0, 1.0],
        "leaky_relu": [-0.01 * np.log(3), 0.0, np.log(2)],
        "leaky_relu_prime": [0.01, 0.01, 1.0],
    }
    for name, values in expected.items():
        result = getattr(student, name)(z)
        if name == "relu_prime":
            result = as_floats(result)
        assert_close(result, np.array(values), what=f"{name} at -ln 3, 0, ln 2", atol=1e-9)


def test_softmax_of_four_scores(student):
    """softmax of four scores, to four decimals."""
    z = np.array([[0.6, 3.4, -1.2, 0.05], [0.3, -16.2, 5.3, 0.7]])
    expected = np.array([[0.0550, 0.9042, 0.0091, 0.0317], [0.0066, 0.0000, 0.9835, 0.0099]])
    for scores, probabilities in zip(z, expected, strict=True):
        p = student.softmax(scores)
        assert_close(p, probabilities, what="softmax of four scores", rtol=0, atol=5.1e-5)


def test_losses_of_two_samples(student):
    """The three losses of two samples, worked out by hand."""
    y = np.array([[1.0, 2.0], [0.0, 3.0]])
    t = np.array([[0.0, 2.0], [2.0, 0.0]])
    loss = assert_scalar(student.mean_squared_error(y, t), what="mean_squared_error(y, t)")
    # half of 1 and half of 4 + 9, then their mean
    assert_close(loss, 3.5, what="mean_squared_error(y, t)")

    y, t = np.array([0.25, 0.5]), np.array([1.0, 0.0])
    loss = assert_scalar(student.bernoulli_cross_entropy(y, t), what="bernoulli_cross_entropy")
    assert_close(loss, 1.5 * np.log(2), what="bernoulli_cross_entropy(y, t)", rtol=1e-6)

    y = np.array([[0.5, 0.25, 0.25], [0.125, 0.125, 0.75]])
    t = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    loss = assert_scalar(student.categorical_cross_entropy(y, t), what="categorical_cross_entropy")
    assert_close(loss, 2 * np.log(2), what="categorical_cross_entropy(y, t)", rtol=1e-6)


def test_count_parameters_of_two_hidden_layers(student):
    """10 inputs, two hidden layers of 10 nodes and 10 outputs: 330 parameters."""
    n = assert_scalar(student.count_parameters([10, 10, 10, 10]), what="count_parameters")
    assert_close(
        n,
        330.0,
        what="count_parameters([10, 10, 10, 10])",
        mistakes={
            "the biases are left out": 300.0,
            "the inputs are given biases, too": 340.0,
        },
    )


def test_neuron_and_its_gradient_by_hand(student):
    """The logistic neuron and the gradient of its log-likelihood for two samples."""
    X = np.array([[0.0, 1.0], [np.log(3), 1.0]])  # (2, 2), the last column is the bias
    y = np.array([1.0, 0.0])
    theta = np.array([1.0, 0.0])
    assert_close(
        student.neuron(X, theta), np.array([1 / 2, 3 / 4]), what="neuron(X, theta)", atol=1e-9
    )
    # errors 1/2 and -3/4, times the rows of X, then their mean
    expected = np.array([-3 / 8 * np.log(3), -1 / 8])
    assert_close(
        student.log_likelihood_gradient(X, y, theta),
        expected,
        what="log_likelihood_gradient(X, y, theta)",
        atol=1e-9,
        mistakes={
            "this is the gradient of the loss: the likelihood has the other sign": -expected,
            "summed over the samples instead of averaged": 2 * expected,
        },
    )
