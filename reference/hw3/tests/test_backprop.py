"""Hidden tests of homework 3's multilayer perceptron (3.4).

The oracle is a central difference of a loss written here; `backprop` below only names mistakes.
Probes (functions whose first argument is `student`) run beside the submission.
"""

import itertools

import numpy as np

from grader.testing import (
    assert_array,
    assert_between,
    assert_close,
    assert_sequence,
    assert_unchanged,
)


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


def backprop(weights, names, X, T, loss_name, flaw=None):
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


def about_infinity(loss):
    """The hint for a loss that is no finite number, and none for another."""
    if type(loss) in (float, np.float64) and not np.isfinite(loss):
        return "log(0) is -inf and 0 · log(0) is NaN: clip y before the logarithm."
    return None


def mlp_gradients(student, sizes, names, loss_name, weights, X, T, earlier=False):
    """Probe: loss, gradients and outputs of an MLP, perhaps after the backward of another batch."""
    import numpy as np

    net = student.MLP(sizes, names, loss_name, np.random.default_rng(0))
    for layer, (W, b) in zip(net.layers, weights, strict=True):
        layer.W = W
        layer.b = b
    if earlier:
        net.backward(X[:2] + 1.0, T[:2])
    net.backward(X, T)
    gradients = [(layer.grad_W, layer.grad_b) for layer in net.layers]
    return net.loss(X, T), gradients, net.forward(X)


def random_weights(rng, sizes):
    """Weights and biases that are all different from 0."""
    return [
        (rng.normal(size=(m, n)), rng.uniform(0.3, 1, size=n)) for m, n in itertools.pairwise(sizes)
    ]


def is_generic(weights, names, X, T):
    """No pre-activation near a kink of relu, and every layer's gradient away from 0."""
    z, _ = forward(weights, names, X)
    gradients = backprop(weights, names, X, T, "mean_squared_error")
    alive = min(np.abs(grad_W).max() for grad_W, _ in gradients) > 0.01
    return alive and min(np.abs(part).min() for part in z) > 1e-3


def different_sizes(rng, count):
    """So many numbers from 2 to 8, all different: sizes of layers and of the batch."""
    return [int(n) for n in rng.permutation(np.arange(2, 9))[:count]]


def random_batch(rng, names):
    """Sizes, weights and a batch for an MLP with these activations, all sizes drawn, none equal."""
    n_samples, *sizes = different_sizes(rng, len(names) + 2)
    X, T = rng.normal(size=(n_samples, sizes[0])), rng.normal(size=(n_samples, sizes[-1]))
    if names[-1] == "softmax":
        T = np.eye(sizes[-1])[rng.integers(sizes[-1], size=n_samples)]
        return sizes, random_weights(rng, sizes), X, T
    weights = random_weights(rng, sizes)
    while not is_generic(weights, names, X, T):
        X, weights = rng.normal(size=X.shape), random_weights(rng, sizes)
    return sizes, weights, X, T


def check_oracle(expected, weights, names, loss_name, X, T):
    """The loss, and the oracle's gradients confirmed by a difference along a random direction."""

    def loss_along(t, directions):
        moved = [
            (W + t * dW, b + t * db) for (W, b), (dW, db) in zip(weights, directions, strict=True)
        ]
        return float(np.mean(LOSS[loss_name](forward(moved, names, X)[1][-1], T)))

    rng = np.random.default_rng(len(weights))
    directions = [tuple(rng.normal(size=part.shape) for part in pair) for pair in weights]
    delta = 1e-5
    slope = (loss_along(delta, directions) - loss_along(-delta, directions)) / (2 * delta)
    pairs = zip(expected, directions, strict=True)
    product = sum(float(np.sum(g * d)) for gs, ds in pairs for g, d in zip(gs, ds, strict=True))
    assert abs(slope - product) <= 1e-5 * abs(slope) + 1e-7, "the oracle is wrong"
    standing = [tuple(np.zeros_like(part) for part in pair) for pair in weights]
    return loss_along(0.0, standing)


def assert_mlp_gradients(student, names, loss_name, batch, name):
    """Loss and every layer's `name`, grad_W or grad_b, against the oracle's."""
    sizes, weights, X, T = batch
    i = ("grad_W", "grad_b").index(name)  # biases are looked at after another batch's backward
    result = student.run(mlp_gradients, sizes, names, loss_name, weights, X, T, i == 1)
    loss, gradients, _ = assert_sequence(result, 3, what="loss, gradients and outputs of the MLP")
    gradients = assert_sequence(gradients, len(weights), what="the gradients of the layers")
    words = f"MLP with {', '.join(names)}"
    expected = backprop(weights, names, X, T, loss_name)
    exact_loss = check_oracle(expected, weights, names, loss_name, X, T)
    assert_close(loss, exact_loss, what=f"loss of an {words}", batch_size=len(X))

    def mistakes_in(k):
        flawed = {
            words: backprop(weights, names, X, T, loss_name, flaw)[k][i]
            for flaw, words in FLAWS.items()
        }
        if name == "grad_b":
            earlier = backprop(weights, names, X[:2] + 1.0, T[:2], loss_name)
            kept = "the gradient of an earlier batch is still in it"
            flawed[kept] = expected[k][i] + earlier[k][i]
        return flawed

    for k in reversed(range(len(weights))):  # the last layer first: its mistakes are seen below
        pair = assert_sequence(gradients[k], 2, what=f"gradients of layer {k + 1}")
        assert_close(
            pair[i],
            expected[k][i],
            what=f"{name} of layer {k + 1} of an {words}",
            rtol=1e-5,
            atol=1e-8,
            batch_size=len(X),
            mistakes=lambda k=k: mistakes_in(k),
        )


def test_mlp_gradient_of_any_depth(student, rng):
    """grad_W of random networks of one, two and four layers, all activations, squared error."""
    order = [str(name) for name in rng.permutation(["tanh", "sigmoid", "relu", "identity"])]
    for names in (["sigmoid"], ["relu", "tanh"], order):
        batch = random_batch(rng, names)
        assert_mlp_gradients(student, names, "mean_squared_error", batch, "grad_W")


def test_mlp_gradient_of_cross_entropies(student, rng):
    """grad_W of random networks with the categorical and the Bernoulli cross-entropy."""
    names = ["tanh", "softmax"]
    batch = random_batch(rng, names)
    assert_mlp_gradients(student, names, "categorical_cross_entropy", batch, "grad_W")
    sizes, weights, X, T = random_batch(rng, ["sigmoid", "sigmoid"])
    batch = sizes, weights, X, np.where(T > 0, 1.0, 0.0)
    assert_mlp_gradients(student, ["sigmoid"] * 2, "bernoulli_cross_entropy", batch, "grad_W")


def test_mlp_gradient_of_the_biases(student, rng):
    """grad_b of random networks: summed over the batch, in place of an earlier batch's gradient."""
    names = ["tanh", "relu", "sigmoid"]
    batch = random_batch(rng, names)
    assert_mlp_gradients(student, names, "mean_squared_error", batch, "grad_b")
    names = ["sigmoid", "softmax"]
    batch = random_batch(rng, names)
    assert_mlp_gradients(student, names, "categorical_cross_entropy", batch, "grad_b")


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
        loss, gradients, outputs = assert_sequence(
            result, 3, what="loss, gradients and outputs of the MLP"
        )
        what = f"{name} outputs of scores in the thousands"
        outputs = assert_array(outputs, shape=(5, 2), finite=False, what=what)
        overflows = name == "softmax" and not np.isfinite(outputs).all()
        hint = "exp overflows: subtract the largest score of each sample first."
        assert_array(outputs, shape=(5, 2), what=what, hint=hint if overflows else None)
        what = f"the loss of certain and wrong {name} outputs"
        assert_between(loss, 1.0, 1e5, what=what, hint=about_infinity(loss))
        (layer,) = assert_sequence(gradients, 1, what="the gradients of the layers")
        grad_W, _ = assert_sequence(layer, 2, what="gradients of the layer")
        what = f"grad_W of certain and wrong {name} outputs"
        grad_W = assert_array(grad_W, shape=(3, 2), finite=False, what=what)
        hint = None
        if not np.isfinite(grad_W).all() or np.abs(grad_W).max() < 1e-3:
            hint = "Go from the loss to z in one step: ∇_z = (y - t) / N needs no division by y."
        dz = (Y - T) / 5  # (5, 2)
        assert_close(grad_W, X.T @ dz, what=what, hint=hint, batch_size=5)


def two_backwards(student, W, b, V, c, X, T):
    """Probe: gradients of two backward calls with another batch between, all arguments after."""
    import numpy as np

    sizes = [W.shape[0], W.shape[1], V.shape[1]]
    net = student.MLP(sizes, ["relu", "identity"], "mean_squared_error", np.random.default_rng(0))
    weights = [W.copy(), b.copy(), V.copy(), c.copy()]
    net.layers[0].W, net.layers[0].b, net.layers[1].W, net.layers[1].b = weights
    X_given, T_given = X.copy(), T.copy()
    net.backward(X_given, T_given)
    first = [np.array(layer.grad_W) for layer in net.layers]
    net.backward(X_given[:2] + 1.0, T_given[:2])
    net.forward(X_given[:3])
    net.backward(X_given, T_given)
    third = [layer.grad_W for layer in net.layers]
    after = [net.layers[0].W, net.layers[0].b, net.layers[1].W, net.layers[1].b]
    return first, third, [X_given, T_given, *after]


def test_mlp_backward_leaves_its_arguments(student, rng):
    """backward, activate and loss_value change no argument; gradients replace earlier ones."""
    W, b = rng.normal(size=(3, 4)), rng.normal(size=4)
    V, c = rng.normal(size=(4, 2)), rng.normal(size=2)
    X, T = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    result = student.run(two_backwards, W, b, V, c, X, T)
    first, third, after = assert_sequence(result, 3, what="gradients and arguments")
    after = assert_sequence(after, 6, what="arguments after backward")
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
    case = [(W, b), (V, c)], ["relu", "identity"]
    exact = backprop(*case, X, T, "mean_squared_error")
    between = backprop(*case, X[:2] + 1.0, T[:2], "mean_squared_error")
    kept = "the gradients of earlier batches are still in it: replace them, do not add"
    for what, gradients in (("first", first), ("third", third)):
        for k, gradient in enumerate(
            assert_sequence(gradients, 2, what=f"gradients of the {what} backward")
        ):
            assert_close(
                gradient,
                exact[k][0],
                what=f"grad_W of layer {k + 1} after the {what} backward call",
                batch_size=5,
                mistakes={kept: 2 * exact[k][0] + between[k][0]} if what == "third" else None,
            )
    z = rng.normal(size=(3, 4))
    for name in SIGMA:
        h, arguments = student.with_arguments(student.activate, z, name)
        assert_close(h, SIGMA[name](z), what=f'activate(z, "{name}")')
        assert_unchanged(z, arguments[0], what=f'z after activate(z, "{name}")')
    # nearly 0 and 1: whoever clips does it here, and whoever does not has a finite loss
    Y, T = np.clip(np.eye(4)[[0, 2, 3]], 1e-14, 1 - 1e-14), np.eye(4)[[1, 2, 0]]  # (3, 4)
    for name in LOSS:
        loss, arguments = student.with_arguments(student.loss_value, Y, T, name)
        what = f'loss_value(Y, T, "{name}")'
        assert_between(loss, 0.5, 1e5, what=what)
        assert_unchanged([Y, T], arguments[:2], what=f"Y and T after {what}")
