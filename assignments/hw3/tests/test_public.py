"""Public tests of homework 3: the known values, so that early mistakes show.

Probes (functions whose first argument is `student`) run beside the submission and hold no
expected value; every comparison is made here.
"""

import numpy as np

from grader.testing import (
    assert_array,
    assert_between,
    assert_close,
    assert_sequence,
    assert_unchanged,
    check,
)


def as_floats(value):
    """Whole numbers and booleans count as floats where 0 and 1 are asked for."""
    if type(value) is np.ndarray and value.dtype.kind in "iub":
        return value.astype(float)
    return value


def logistic(z):
    """1 / (1 + exp(-z)), without overflow."""
    return 0.5 * (1 + np.tanh(z / 2))


# 3.1 Numerical gradient


def test_numerical_gradient_of_rounded_figures(student):
    """E(-0.409) = 1.198 and E(-0.609) = 1.204 give the slope -0.03 at -0.509 with delta = 0.1."""

    def error(theta):
        theta = assert_array(theta, shape=(1,), what="the argument that f is called with")
        return float(np.interp(theta[0], [-0.609, -0.509, -0.409], [1.204, 1.2016, 1.198]))

    gradient = student.numerical_gradient(error, np.array([-0.509]), delta=0.1)
    assert_close(
        gradient,
        np.array([-0.03]),
        what="numerical_gradient(E, [-0.509], delta=0.1)",
        mistakes={
            "this is the one-sided difference (f(θ + δ) - f(θ)) / δ": np.array([-0.036]),
            "this is the one-sided difference (f(θ) - f(θ - δ)) / δ": np.array([-0.024]),
            "the difference is divided by δ, not by 2δ": np.array([-0.06]),
        },
    )


# 3.2 A toy graph


def test_toy_graph_at_two_and_one(student):
    """At a = 2, b = 1 the nodes are 3, 2, 6 and the derivatives ∂e/∂a = 2, ∂e/∂b = 5."""
    nodes = assert_sequence(student.toy_forward(a=2.0, b=1.0), 3, what="toy_forward(a=2, b=1)")
    for name, node, expected in zip("cde", nodes, (3.0, 2.0, 6.0), strict=True):
        assert_close(node, expected, what=f"node {name} of toy_forward(a=2, b=1)")
    slopes = student.toy_backward(a=2.0, b=1.0)
    de_da, de_db = assert_sequence(slopes, 2, what="toy_backward(a=2, b=1)")
    assert_close(de_da, 2.0, what="∂e/∂a at a = 2, b = 1")
    assert_close(
        de_db,
        5.0,
        what="∂e/∂b at a = 2, b = 1",
        mistakes={
            "only the path through c is counted, the one through d is missing": 2.0,
            "only the path through d is counted, the one through c is missing": 3.0,
        },
    )


# 3.3 A sigmoid layer, and a network of two

W_EXAMPLE = np.array([[1.0, -1.0, 3.0], [2.0, 2.0, -1.0]])  # (2, 3)
V_EXAMPLE = np.array([[0.1], [0.5], [-0.1]])  # (3, 1)
X_EXAMPLE = np.array([[5.0, 3.0]])  # (1, 2)
T_EXAMPLE = np.array([[1.0]])  # (1, 1)


def forward_of_net(student, W, V, X, t):
    """Probe: the output and the loss of a Net with the given weights."""
    import numpy as np

    net = student.Net(W.shape[0], W.shape[1], np.random.default_rng(0))
    net.hidden.W = W
    net.output.W = V
    return net.forward(X), net.loss(X, t)


def backward_of_net(student, W, V, X, t):
    """Probe: the gradients of a Net with the given weights."""
    import numpy as np

    net = student.Net(W.shape[0], W.shape[1], np.random.default_rng(0))
    net.hidden.W = W
    net.output.W = V
    net.backward(X, t)
    return net.hidden.grad_W, net.output.grad_W


def test_net_forward_on_the_example(student):
    """The handout's example: y = 0.590378 and loss 0.52699227 for label 1."""
    z = np.array([[-2.0, 0.0, 3.0]])
    assert_close(student.sigmoid(z), logistic(z), what="sigmoid(z)")
    result = student.run(forward_of_net, W_EXAMPLE, V_EXAMPLE, X_EXAMPLE, T_EXAMPLE)
    y, loss = assert_sequence(result, 2, what="output and loss")
    assert_close(y, np.array([[0.590378]]), what="Net.forward(X)", rtol=1e-6)
    assert_close(
        loss,
        0.52699227,
        what="Net.loss(X, t)",
        rtol=1e-7,
        mistakes={"this is the logarithm to base 2, not the natural one": 0.76028914},
    )


def test_net_backward_on_the_example(student):
    """The handout's example: ∂J/∂V and ∂J/∂W, to eight digits."""
    result = student.run(backward_of_net, W_EXAMPLE, V_EXAMPLE, X_EXAMPLE, T_EXAMPLE)
    grad_W, grad_V = assert_sequence(result, 2, what="the two gradients")
    assert_close(
        grad_V,
        np.array([[-0.40961516], [-0.29945768], [-0.40961948]]),
        what="net.output.grad_W, that is ∂J/∂V",
        rtol=1e-7,
        mistakes={
            "the derivative of the output's sigmoid is missing": np.array(
                [[-1.69380176], [-1.23828899], [-1.69381964]]
            ),
        },
    )
    assert_close(
        grad_W,
        np.array(
            [
                [-3.42057777e-06, -2.01341432e-01, 1.25838681e-06],
                [-2.05234666e-06, -1.20804859e-01, 7.55032084e-07],
            ]
        ),
        what="net.hidden.grad_W, that is ∂J/∂W",
        rtol=1e-6,
        mistakes={
            "the derivative of the hidden layer's sigmoid is missing": np.outer(
                [5, 3], -0.409622 * V_EXAMPLE[:, 0]
            ),
        },
    )


# 3.4 A multilayer perceptron with biases


def test_activations(student):
    """activate and activation_derivative at a few pre-activations z."""
    z = np.array([[-2.0, -0.5, 0.0], [0.5, 1.0, 3.0]])
    y = logistic(z)
    values = {"sigmoid": y, "tanh": np.tanh(z), "relu": np.maximum(z, 0), "identity": z}
    derivatives = {
        "sigmoid": y * (1 - y),
        "tanh": 1 - np.tanh(z) ** 2,
        "relu": (z > 0).astype(float),
        "identity": np.ones_like(z),
    }
    of_h = {"sigmoid": z * (1 - z), "tanh": 1 - z**2}  # right if z were the activation
    for name, value in values.items():
        assert_close(student.activate(z, name), value, what=f'activate(z, "{name}")')
        mistake = "this takes z for the activation h = σ(z); z comes before the activation"
        slope = student.activation_derivative(z, name)
        assert_close(
            as_floats(slope) if name == "relu" else slope,
            derivatives[name],
            what=f'activation_derivative(z, "{name}")',
            mistakes={mistake: of_h[name]} if name in of_h else None,
        )
    scores = np.array([[0.6, 3.4, -1.2, 0.05], [0.3, -16.2, 5.3, 0.7]])
    e = np.exp(scores)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))  # the right shift, a wrong sum
    assert_close(
        student.activate(scores, "softmax"),
        e / e.sum(axis=1, keepdims=True),
        what='activate(z, "softmax")',
        mistakes={
            "normalised over the samples (axis 0), not over the last axis": e / e.sum(0),
            "the sum runs over the samples (axis 0), not over the last axis": shifted
            / shifted.sum(0),
            "normalised over the whole array, not over the last axis": e / e.sum(),
            "the sum runs over the whole array, not over the last axis": shifted / shifted.sum(),
        },
    )


def forward_of_mlp(student, sizes, activations, loss_name, weights, X, T):
    """Probe: the output and the loss of an MLP with the given weights."""
    import numpy as np

    net = student.MLP(sizes, activations, loss_name, np.random.default_rng(0))
    for layer, (W, b) in zip(net.layers, weights, strict=True):
        layer.W = W
        layer.b = b
    return net.forward(X), net.loss(X, T)


def test_mlp_forward_and_loss(student, rng):
    """A 4-3-2 perceptron with biases, tanh and softmax: outputs and mean loss of five samples."""
    X = rng.normal(size=(5, 4))
    T = np.eye(2)[[0, 1, 1, 0, 1]]  # (5, 2)
    W1, b1 = rng.normal(size=(4, 3)), rng.normal(size=3)
    W2, b2 = rng.normal(size=(3, 2)), rng.normal(size=2)
    result = student.run(
        forward_of_mlp,
        [4, 3, 2],
        ["tanh", "softmax"],
        "categorical_cross_entropy",
        [(W1, b1), (W2, b2)],
        X,
        T,
    )
    Y, loss = assert_sequence(result, 2, what="output and loss")

    def softmax(z):
        e = np.exp(z)
        return e / e.sum(axis=1, keepdims=True)

    expected = softmax(np.tanh(X @ W1 + b1) @ W2 + b2)  # (5, 2)
    assert_close(
        Y,
        expected,
        what="MLP.forward(X)",
        mistakes={
            "the biases are not added": softmax(np.tanh(X @ W1) @ W2),
            "the hidden activation is missing": softmax((X @ W1 + b1) @ W2 + b2),
        },
    )
    per_sample = -np.sum(T * np.log(expected), axis=1)  # (5,)
    assert_close(loss, float(per_sample.mean()), what="MLP.loss(X, T)", batch_size=5)
    per_sample = {
        "mean_squared_error": 0.5 * np.sum((expected - T) ** 2, axis=1),  # (5,)
        "bernoulli_cross_entropy": -np.log(np.prod(np.where(T == 1, expected, 1 - expected), 1)),
    }
    for name, losses in per_sample.items():
        assert_close(
            student.loss_value(expected, T, name),
            float(losses.mean()),
            what=f'loss_value(Y, T, "{name}")',
            batch_size=5,
            mistakes={
                "the mean is over samples and outputs, not over samples only": losses.mean() / 2
            },
        )


# 3.5 Mini-batch stochastic gradient descent


def xor_networks(student, X, seeds):
    """Probe: outputs and first weights of the MLPs that train_xor returns, one for each seed."""
    import numpy as np

    networks = []
    for seed in seeds:
        net = student.train_xor(np.random.default_rng(seed))
        if not isinstance(net, student.MLP):
            return "no MLP"
        networks.append((net.forward(X), np.array(net.layers[0].W)))
    return networks


def test_train_xor(student, rng):
    """train_xor trains an MLP from random weights to within 0.1 of the exclusive or."""
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    networks = student.run(xor_networks, X, rng.integers(2**32, size=2).tolist())
    check(
        isinstance(networks, list),
        what="what train_xor returns",
        expected="an object of your class MLP",
        got="something else",
    )
    weights = []
    for network in assert_sequence(networks, 2, what="two networks"):
        outputs, W = assert_sequence(network, 2, what="outputs and weights")
        outputs = assert_array(outputs, shape=(4, 1), what="train_xor(rng).forward(X)")
        errors = np.abs(outputs[:, 0] - np.array([0, 1, 1, 0]))
        hint = None
        if np.all(np.abs(outputs - 0.5) < 0.2):
            hint = (
                "All outputs are near 0.5, nothing is learned: too few hidden units or epochs, too "
                "small a step, or a mistake in train or MLP."
            )
        what = "the largest error of train_xor's network"
        assert_between(float(np.max(errors)), 0, 0.1, what=what, hint=hint)
        weights.append(assert_array(W, shape=(2, None), what="W of the first layer"))
    check(
        not np.array_equal(*weights),
        what="W of the first layer after train_xor with two generators",
        expected="different weights: they start random and are trained",
        got="the same weights",
    )


# 3.6 Universal approximation


def test_step_approximation_of_a_sine(student):
    """50 steps follow sin on [0, 2π] within 2π/50; sigmoid_sum evaluates a sum of sigmoids."""
    x = np.linspace(-1.0, 1.0, 5)
    w, theta, alpha = np.array([1.0, -2.0, 0.5]), np.array([0.0, 1.0, 2.0]), np.array([3.0, 1, -2])
    total, arguments = student.with_arguments(student.sigmoid_sum, x, w, theta, alpha)
    assert_close(
        total,
        logistic(np.outer(x, w) + theta) @ alpha,
        what="sigmoid_sum(x, w, theta, alpha)",
    )
    assert_unchanged([x, w, theta, alpha], arguments, what="the arguments of sigmoid_sum")
    result = student.step_approximation(np.sin, 0.0, 2 * np.pi, 50)
    units = assert_sequence(result, 3, what="step_approximation(sin, 0, 2π, 50)")
    w, theta, alpha = (
        assert_array(u, shape=(None,), what=name)
        for u, name in zip(units, ("w", "theta", "alpha"), strict=True)
    )
    check(
        len(w) == len(theta) == len(alpha) <= 51,
        what="the lengths of w, theta and alpha",
        expected="one length, at most n + 1 = 51",
        got=f"{len(w)}, {len(theta)} and {len(alpha)}",
    )
    x = np.linspace(0, 2 * np.pi, 501)
    error = np.abs(logistic(np.outer(x, w) + theta) @ alpha - np.sin(x))
    assert_between(
        float(error.max()),
        0,
        1.1 * 2 * np.pi / 50,
        what="the largest error of the sum of sigmoids on [0, 2π]",
    )
