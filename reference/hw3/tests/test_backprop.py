"""Hidden tests of homework 3's layers and networks (3.3 and 3.4).

The oracle is a central difference of a loss written here; `backprop` below only names mistakes.
Probes (functions whose first argument is `student`) run beside the submission.
"""

import itertools

import numpy as np

from grader.testing import (
    assert_array,
    assert_between,
    assert_close,
    assert_unchanged,
    check,
    numerical_gradient,
)


def parts(result, count, what):
    """The parts of a tuple or list of known length, once it is known to be one."""
    check(
        isinstance(result, (tuple, list)) and len(result) == count,
        what=what,
        expected=f"{count} values",
        got=type(result).__name__,
    )
    return list(result)


def logistic(z):
    """1 / (1 + exp(-z)), without overflow."""
    return 0.5 * (1 + np.tanh(z / 2))


def softmax(z):
    """Softmax over the last axis."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


SIGMA = {
    "sigmoid": logistic,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "identity": lambda z: z,
    "softmax": softmax,
}
SLOPE = {
    "sigmoid": lambda z: logistic(z) * (1 - logistic(z)),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "relu": lambda z: (z > 0).astype(float),
    "identity": np.ones_like,
}
LOSS = {
    "mean_squared_error": lambda Y, T: 0.5 * np.sum((Y - T) ** 2, axis=1),
    "bernoulli_cross_entropy": lambda Y, T: (
        -np.sum(T * np.log(Y) + (1 - T) * np.log(1 - Y), axis=1)
    ),
    "categorical_cross_entropy": lambda Y, T: -np.sum(T * np.log(Y), axis=1),
}


def forward(weights, names, X):
    """Pre-activations and activations of all layers, h[0] = X."""
    z, h = [], [X]
    for (W, b), name in zip(weights, names, strict=True):
        z.append(h[-1] @ W + b)
        h.append(SIGMA[name](z[-1]))
    return z, h


def backprop(weights, names, X, T, loss_name, flaw):
    """What backpropagation with one mistake, or none, gives: (grad_W, grad_b) of every layer."""
    z, h = forward(weights, names, X)
    dz = (h[-1] - T) / len(X)
    squared = loss_name == "mean_squared_error"
    if squared != (flaw == "output slope"):
        dz = dz * SLOPE[names[-1]](z[-1]) if names[-1] != "softmax" else dz * h[-1] * (1 - h[-1])
    gradients = []
    for k in reversed(range(len(weights))):
        gradients.insert(0, (h[k].T @ dz, dz.sum(axis=0)))
        if flaw == "mean of b":
            gradients[0] = (h[k].T @ dz, dz.mean(axis=0))
        if k:
            at = h[k] if flaw == "slope at h" else z[k - 1]
            slope = 1 if flaw == "no slope" else SLOPE[names[k - 1]](at)
            dz = (dz @ weights[k][0].T) * slope
    return gradients


FLAWS = {
    "no slope": "the factor σ'(z) of a hidden layer is missing",
    "slope at h": "σ' of a hidden layer is taken at the activation h, not at the pre-activation z",
    "output slope": "the factor σ'(z) of the output layer is missing, or there without need",
    "mean of b": "the gradient of b is averaged over the batch once more",
}


# 3.3 A sigmoid layer, and a network of two


def layer_gradients(student, W, x, grad_out):
    """Probe: output and gradients of a LinearSigmoidLayer, after an earlier, smaller batch."""
    import numpy as np

    layer = student.LinearSigmoidLayer(W.shape[0], W.shape[1], np.random.default_rng(0))
    layer.W = W
    layer.forward(x[:2])
    layer.backward(grad_out[:2])
    y = layer.forward(x)
    given = grad_out.copy()
    grad_in = layer.backward(given)
    return y, layer.grad_W, grad_in, given


def test_layer_backward_is_gradient(student, rng):
    """grad_W and the returned dL/dx of a 4-3 layer are the gradient for a random dL/dy, N = 5."""
    x, W, g = rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), rng.normal(size=(5, 3))
    result = student.run(layer_gradients, W, x, g)
    y, grad_W, grad_in, g_after = parts(result, 4, "output and gradients of the layer")
    h = logistic(x @ W)  # (5, 3)
    slope = h * (1 - h)
    at_y = SLOPE["sigmoid"](h)
    assert_close(y, h, what="LinearSigmoidLayer.forward(x)")
    assert_unchanged(g, g_after, what="the argument grad_out of backward")
    assert_close(
        grad_W,
        numerical_gradient(lambda W: np.sum(g * logistic(x @ W)), W),
        what="LinearSigmoidLayer.grad_W",
        rtol=1e-5,
        atol=1e-8,
        batch_size=5,
        mistakes={
            "the derivative of the sigmoid is missing": x.T @ g,
            "the derivative of the sigmoid is taken at y, not at z": x.T @ (g * at_y),
            "the factor (1 - y) of the sigmoid's derivative is missing": x.T @ (g * h),
            "the earlier batch's gradient is still in it: replace it, do not add": x.T @ (g * slope)
            + x[:2].T @ (g * slope)[:2],
        },
    )
    assert_close(
        grad_in,
        numerical_gradient(lambda x: np.sum(g * logistic(x @ W)), x),
        what="what LinearSigmoidLayer.backward returns",
        rtol=1e-5,
        atol=1e-8,
        batch_size=5,
        mistakes={
            "the derivative of the sigmoid is missing": g @ W.T,
            "the derivative of the sigmoid is taken at y, not at z": (g * at_y) @ W.T,
        },
    )


def net_gradients(student, W, V, X, t):
    """Probe: loss and gradients of a Net on a batch, after one on other samples."""
    import numpy as np

    net = student.Net(W.shape[0], W.shape[1], np.random.default_rng(0))
    net.hidden.W = W
    net.output.W = V
    net.backward(X[:3] + 1.0, t[:3])
    net.backward(X, t)
    return net.loss(X, t), net.hidden.grad_W, net.output.grad_W


def test_net_gradient_of_a_batch(student, rng):
    """Loss and gradients of a 4-3-1 Net are means over a batch of seven samples."""
    X, W, V = rng.normal(size=(7, 4)), rng.normal(size=(4, 3)), rng.normal(size=(3, 1))
    t = np.array([[1.0], [0.0], [1.0], [1.0], [0.0], [0.0], [1.0]])
    result = student.run(net_gradients, W, V, X, t)
    loss, grad_W, grad_V = parts(result, 3, "loss and gradients of the net")

    def mean_loss(W, V):
        y = logistic(logistic(X @ W) @ V)
        return float(np.mean(LOSS["bernoulli_cross_entropy"](y, t)))

    h = logistic(X @ W)  # (7, 3)
    y = logistic(h @ V)  # (7, 1)
    tolerances = {"rtol": 1e-5, "atol": 1e-8, "batch_size": 7}
    assert_close(loss, mean_loss(W, V), what="Net.loss of seven samples", batch_size=7)
    assert_close(
        grad_V,
        numerical_gradient(lambda V: mean_loss(W, V), V),
        what="net.output.grad_W",
        mistakes={
            "the derivative of the output's sigmoid is missing": h.T @ ((y - t) / (y - y**2)) / 7
        },
        **tolerances,
    )
    assert_close(
        grad_W,
        numerical_gradient(lambda W: mean_loss(W, V), W),
        what="net.hidden.grad_W",
        **tolerances,
    )


def test_bernoulli_cross_entropy_of_certain_outputs(student):
    """The loss is about 0 for certain and right outputs, finite and large for certain and wrong."""
    X, W, V = np.ones((3, 4)), np.full((4, 2), 10.0), np.full((2, 1), 500.0)
    result = student.run(net_gradients, W, V, X, np.array([[0.0], [1.0], [0.0]]))
    loss, grad_W, grad_V = parts(result, 3, "loss and gradients of the net")
    assert_between(loss, 10.0, 1e4, what="Net.loss of two certain and wrong samples of three")
    assert_array(grad_W, shape=(4, 2), what="net.hidden.grad_W where the output is 1")
    assert_array(grad_V, shape=(2, 1), what="net.output.grad_W where the output is 1")
    y = np.array([[0.0], [1.0], [1.0]])
    hint = "log(0) is -inf and 0 · log(0) is NaN: clip y to [1e-12, 1 - 1e-12] first."
    right = student.bernoulli_cross_entropy(y, y)
    assert_between(right, -1e-9, 1e-9, what="the loss of y = t in {0, 1}", hint=hint)
    wrong = student.bernoulli_cross_entropy(y, 1 - y)
    assert_between(wrong, 10.0, 1e4, what="the loss of y = 1 - t in {0, 1}", hint=hint)
    y, t = np.array([[0.8, 0.3], [0.6, 0.1], [0.5, 0.9]]), np.array([[1.0, 0], [0, 1], [1, 1]])
    per_sample = LOSS["bernoulli_cross_entropy"](y, t)
    assert_close(
        student.bernoulli_cross_entropy(y, t),
        float(per_sample.mean()),
        what="the loss of three samples with two outputs each",
        batch_size=3,
        mistakes={
            "the mean is over samples and outputs, not over samples only": per_sample.mean() / 2
        },
    )


# 3.4 A multilayer perceptron with biases


def mlp_gradients(student, sizes, names, loss_name, weights, X, T):
    """Probe: loss and gradients of an MLP with the given weights."""
    import numpy as np

    net = student.MLP(sizes, names, loss_name, np.random.default_rng(0))
    for layer, (W, b) in zip(net.layers, weights, strict=True):
        layer.W = W
        layer.b = b
    net.backward(X, T)
    return net.loss(X, T), [(layer.grad_W, layer.grad_b) for layer in net.layers]


def random_weights(rng, sizes):
    """Weights and biases that are all different from 0."""
    return [
        (rng.normal(size=(m, n)), rng.uniform(0.3, 1, size=n)) for m, n in itertools.pairwise(sizes)
    ]


def is_generic(weights, names, X, T):
    """No pre-activation near a kink of relu, and every layer's gradient away from 0."""
    z, _ = forward(weights, names, X)
    gradients = backprop(weights, names, X, T, "mean_squared_error", flaw=None)
    alive = min(np.abs(grad_W).max() for grad_W, _ in gradients) > 0.01
    return alive and min(np.abs(part).min() for part in z) > 1e-3


def assert_mlp_gradients(student, sizes, names, loss_name, weights, X, T):
    """Loss and every layer's gradients against an oracle that central differences confirm."""
    result = student.run(mlp_gradients, sizes, names, loss_name, weights, X, T)
    loss, gradients = parts(result, 2, "loss and gradients of the MLP")
    gradients = parts(gradients, len(weights), "the gradients of the layers")
    words = f"{'-'.join(map(str, sizes))} MLP with {', '.join(names)}"

    def loss_along(t, directions):
        moved = [
            (W + t * dW, b + t * db) for (W, b), (dW, db) in zip(weights, directions, strict=True)
        ]
        return float(np.mean(LOSS[loss_name](forward(moved, names, X)[1][-1], T)))

    rng = np.random.default_rng(len(weights))
    expected = backprop(weights, names, X, T, loss_name, flaw=None)
    for _ in range(3):  # the oracle itself, by central differences along random directions
        directions = [tuple(rng.normal(size=part.shape) for part in pair) for pair in weights]
        delta = 1e-5
        slope = (loss_along(delta, directions) - loss_along(-delta, directions)) / (2 * delta)
        pairs = zip(expected, directions, strict=True)
        product = sum(float(np.sum(g * d)) for gs, ds in pairs for g, d in zip(gs, ds, strict=True))
        assert abs(slope - product) <= 1e-5 * abs(slope) + 1e-7, "the oracle is wrong"
    standing = [tuple(np.zeros_like(part) for part in pair) for pair in weights]
    assert_close(loss, loss_along(0.0, standing), what=f"loss of a {words}", batch_size=len(X))
    flawed = {
        words: backprop(weights, names, X, T, loss_name, flaw) for flaw, words in FLAWS.items()
    }
    for k in reversed(range(len(weights))):  # the last layer first: its mistakes are seen below
        pair = parts(gradients[k], 2, f"gradients of layer {k + 1}")
        for i, name in enumerate(("grad_W", "grad_b")):
            assert_close(
                pair[i],
                expected[k][i],
                what=f"{name} of layer {k + 1} of a {words}",
                rtol=1e-5,
                atol=1e-8,
                batch_size=len(X),
                mistakes={mistake: wrong[k][i] for mistake, wrong in flawed.items()},
            )


def test_mlp_gradient_of_any_depth(student, rng):
    """Gradients of networks of one, two and four layers with all activations, squared error."""
    for sizes, names in (
        ([3, 2], ["sigmoid"]),
        ([2, 4, 3], ["relu", "tanh"]),
        ([4, 3, 4, 2, 1], ["tanh", "sigmoid", "relu", "identity"]),
    ):
        n_samples = len(sizes) + 4
        X = rng.normal(size=(n_samples, sizes[0]))
        T = rng.normal(size=(n_samples, sizes[-1]))
        weights = random_weights(rng, sizes)
        while not is_generic(weights, names, X, T):
            X, weights = rng.normal(size=X.shape), random_weights(rng, sizes)
        assert_mlp_gradients(student, sizes, names, "mean_squared_error", weights, X, T)


def test_mlp_gradient_of_cross_entropies(student, rng):
    """Gradients with softmax and categorical, sigmoid and Bernoulli cross-entropy, N = 6."""
    X = rng.normal(size=(6, 4))
    one_hot = np.eye(3)[[2, 0, 1, 1, 2, 0]]  # (6, 3)
    several = np.array([[1.0, 0, 1], [0, 0, 1], [1, 1, 0], [0, 1, 0], [1, 1, 1], [0, 0, 0]])
    for names, loss_name, T in (
        (["tanh", "softmax"], "categorical_cross_entropy", one_hot),
        (["sigmoid", "sigmoid"], "bernoulli_cross_entropy", several),
    ):
        sizes = [4, 5, 3]
        weights = random_weights(rng, sizes)
        assert_mlp_gradients(student, sizes, names, loss_name, weights, X, T)


def test_mlp_gradient_of_certain_outputs(student, rng):
    """With outputs of 0 and 1 that are wrong, the loss is finite and the gradient not zero."""
    X = rng.choice([-1.0, 1.0], size=(5, 3)) * rng.uniform(1, 2, size=(5, 3))
    b = np.array([0.25, -0.25])
    for name, loss_name in (
        ("softmax", "categorical_cross_entropy"),
        ("sigmoid", "bernoulli_cross_entropy"),
    ):
        W = 1000 * rng.choice([-1.0, 1.0], size=(3, 2)) * rng.uniform(1, 2, size=(3, 2))
        Y = SIGMA[name](X @ W + b)  # (5, 2), 0 or 1 nearly everywhere
        T = np.eye(2)[np.argmin(Y, axis=1)] if name == "softmax" else np.round(1 - Y)
        result = student.run(mlp_gradients, [3, 2], [name], loss_name, [(W, b)], X, T)
        loss, gradients = parts(result, 2, "loss and gradients of the MLP")
        assert_between(
            loss,
            1.0,
            1e5,
            what=f"the loss of certain and wrong {name} outputs",
            hint="log(0) is -inf: clip the outputs to [1e-12, 1 - 1e-12] before the logarithm.",
        )
        (layer,) = parts(gradients, 1, "the gradients of the layers")
        grad_W, grad_b = parts(layer, 2, "gradients of the layer")
        dz = (Y - T) / 5  # (5, 2)
        hint = "Go from the loss to z in one step: ∇_z = (y - t) / N needs no division by y."
        what = f"of certain and wrong {name} outputs"
        assert_close(grad_W, X.T @ dz, what=f"grad_W {what}", hint=hint, batch_size=5)
        assert_close(grad_b, dz.sum(axis=0), what=f"grad_b {what}", hint=hint, batch_size=5)


def two_backwards(student, W, b, V, c, X, T):
    """Probe: gradients of two backward calls with another batch between, all arguments after."""
    import numpy as np

    sizes = [W.shape[0], W.shape[1], V.shape[1]]
    net = student.MLP(sizes, ["relu", "identity"], "mean_squared_error", np.random.default_rng(0))
    weights = [W.copy(), b.copy(), V.copy(), c.copy()]
    net.layers[0].W, net.layers[0].b, net.layers[1].W, net.layers[1].b = weights
    X_given, T_given = X.copy(), T.copy()
    net.backward(X_given, T_given)
    first = [np.array(net.layers[0].grad_W), np.array(net.layers[1].grad_b)]
    net.backward(X_given[:2] + 1.0, T_given[:2])
    net.forward(X_given[:3])
    net.backward(X_given, T_given)
    second = [net.layers[0].grad_W, net.layers[1].grad_b]
    after = [net.layers[0].W, net.layers[0].b, net.layers[1].W, net.layers[1].b]
    return first, second, [X_given, T_given, *after]


def test_mlp_backward_leaves_its_arguments(student, rng):
    """backward changes neither X, T nor the weights, and replaces earlier gradients."""
    W, b = rng.normal(size=(3, 4)), rng.normal(size=4)
    V, c = rng.normal(size=(4, 2)), rng.normal(size=2)
    X, T = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    result = student.run(two_backwards, W, b, V, c, X, T)
    first, second, after = parts(result, 3, "gradients and arguments")
    after = parts(after, 6, "arguments after backward")
    for name, given, left in zip(
        ("X", "T", "W of layer 1", "b of layer 1", "W of layer 2", "b of layer 2"),
        (X, T, W, b, V, c),
        after,
        strict=True,
    ):
        # a layer may store its weights in its own way, so they may differ in the last bits
        if name in ("X", "T"):
            assert_unchanged(given, left, what=name)
        else:
            assert_close(left, given, what=f"{name} after backward", rtol=1e-12)
    weights = [(W, b), (V, c)]
    exact = backprop(weights, ["relu", "identity"], X, T, "mean_squared_error", None)
    for what, gradients in (("first", first), ("third", second)):
        grad_W, grad_c = parts(gradients, 2, f"gradients of the {what} backward")
        for value, expected in ((grad_W, exact[0][0]), (grad_c, exact[1][1])):
            assert_close(
                value,
                expected,
                what=f"a gradient after the {what} backward call",
                batch_size=5,
                hint="Replace a gradient, do not add to the one of an earlier batch.",
            )
