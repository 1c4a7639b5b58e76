"""Hidden tests of homework 3's sigmoid layer and network of two (3.3).

The oracle is a central difference of a loss written here.
Probes (functions whose first argument is `student`) run beside the submission.
"""

import numpy as np

from grader.testing import (
    assert_array,
    assert_between,
    assert_close,
    assert_sequence,
    assert_unchanged,
    check,
    numerical_gradient,
)


def logistic(z):
    """1 / (1 + exp(-z)), without overflow."""
    return 0.5 * (1 + np.tanh(z / 2))


def slope_of_logistic(z):
    """The derivative of the logistic function at z."""
    return logistic(z) * (1 - logistic(z))


def bernoulli(y, t):
    """The cross-entropy (N,) of every sample."""
    return -np.sum(t * np.log(y) + (1 - t) * np.log(1 - y), axis=1)


def about_infinity(loss):
    """The hint for a loss that is no finite number, and none for another."""
    if type(loss) in (float, np.float64) and not np.isfinite(loss):
        return "log(0) is -inf and 0 · log(0) is NaN: clip y before the logarithm."
    return None


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
    """grad_W and the returned dJ/dx of a 4-3 layer are the gradient for a random dJ/dy, N = 5."""
    x, W, g = rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), rng.normal(size=(5, 3))
    result = student.run(layer_gradients, W, x, g)
    y, grad_W, grad_in, g_after = assert_sequence(
        result, 4, what="output and gradients of the layer"
    )
    h = logistic(x @ W)  # (5, 3)
    slope = h * (1 - h)
    at_y = slope_of_logistic(h)
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
    loss, grad_W, grad_V = assert_sequence(result, 3, what="loss and gradients of the net")

    def mean_loss(W, V):
        y = logistic(logistic(X @ W) @ V)
        return float(np.mean(bernoulli(y, t)))

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


def net_loss(student, W, V, X, t):
    """Probe: the loss of a Net."""
    import numpy as np

    net = student.Net(W.shape[0], W.shape[1], np.random.default_rng(0))
    net.hidden.W = W
    net.output.W = V
    return net.loss(X, t)


def sigmoid_without_warnings(student, z):
    """Probe: sigmoid with numpy's warnings turned into errors, and its argument afterwards."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        return student.sigmoid(z), z


def test_bernoulli_cross_entropy_of_certain_outputs(student):
    """sigmoid does not warn; certain outputs cost about 0 if right, a finite amount if wrong."""
    z = np.array([[-1000.0, -750.0, -30.0], [0.0, 750.0, 1000.0]])
    h, z_after = assert_sequence(
        student.run(sigmoid_without_warnings, z), 2, what="sigmoid(z) and z"
    )
    assert_close(h, logistic(z), what="sigmoid of large z", atol=1e-12)
    assert_unchanged(z, z_after, what="z after sigmoid(z)")
    X, W, V = np.ones((3, 4)), np.full((4, 2), 10.0), np.full((2, 1), 500.0)
    loss = student.run(net_loss, W, V, X, np.array([[0.0], [1.0], [0.0]]))
    what = "Net.loss of two certain and wrong samples of three"
    assert_between(loss, 5.0, 1e4, what=what, hint=about_infinity(loss))
    y = np.array([[0.0], [1.0], [1.0]])
    loss, arguments = student.with_arguments(student.bernoulli_cross_entropy, y, y.copy())
    what = "the loss of y = t in {0, 1}"
    assert_between(loss, -1e-5, 1e-5, what=what, hint=about_infinity(loss))
    assert_unchanged([y, y], arguments, what="y and t after bernoulli_cross_entropy(y, t)")
    loss = student.bernoulli_cross_entropy(y, 1 - y)
    what = "the loss of y = 1 - t in {0, 1}"
    assert_between(loss, 5.0, 1e4, what=what, hint=about_infinity(loss))
    y, t = np.array([[0.8, 0.3], [0.6, 0.1], [0.5, 0.9]]), np.array([[1.0, 0], [0, 1], [1, 1]])
    per_sample = bernoulli(y, t)
    assert_close(
        student.bernoulli_cross_entropy(y, t),
        float(per_sample.mean()),
        what="the loss of three samples with two outputs each",
        batch_size=3,
        mistakes={
            "the mean is over samples and outputs, not over samples only": per_sample.mean() / 2
        },
    )


def new_layers(student, seeds):
    """Probe: first weights of the classes of 3.3 for each seed; whether global state moved."""
    import random

    import numpy as np

    runs, untouched = [], True
    for number, seed in enumerate(seeds):
        np.random.seed(number)
        random.seed(number)
        before = np.random.get_state()[1].copy(), np.random.get_state()[2], random.getstate()
        rng = np.random.default_rng(seed)
        layer, net = student.LinearSigmoidLayer(50, 24, rng), student.Net(25, 50, rng)
        runs.append([np.array(part.W) for part in (layer, net.hidden, net.output)])
        after = np.random.get_state()[1], np.random.get_state()[2], random.getstate()
        same = np.array_equal(before[0], after[0]) and before[1:] == after[1:]
        untouched = untouched and same
    return runs, untouched


def test_layers_draw_their_weights_from_the_generator(student):
    """Weights of new layers come from the generator alone; mean 0, standard deviation 1/√n_in."""
    runs, untouched = assert_sequence(student.run(new_layers, [11, 11, 12]), 2, what="three runs")
    check(
        untouched is True,
        what="numpy's and Python's global random state",
        expected="left alone",
        got="a state that was used or seeded",
        hint="Draw from the argument rng only.",
    )
    shapes = {
        "LinearSigmoidLayer(50, 24).W": (50, 24),
        "W of Net(25, 50).hidden": (25, 50),
        "W of Net(25, 50).output": (50, 1),
    }
    first, again, other = (
        [
            assert_array(array, shape=shape, what=name)
            for array, (name, shape) in zip(
                assert_sequence(run, 3, what="a run"), shapes.items(), strict=True
            )
        ]
        for run in assert_sequence(runs, 3, what="three runs")
    )
    for k, (name, (n_in, n_out)) in enumerate(shapes.items()):
        assert_close(again[k], first[k], what=f"{name}, twice with the same seed", rtol=1e-12)
        check(
            not np.allclose(first[k], other[k]),
            what=f"{name} for two different seeds",
            expected="different numbers",
            got="the same numbers",
        )
        if n_out > 1:  # over 1,200 weights: the deviation is known to 2 %, the mean to 0.03
            deviation, mean = float(np.std(first[k])), float(np.mean(first[k]))
            what = f"the standard deviation of {name}, times √n_in"
            assert_between(deviation * n_in**0.5, 0.85, 1.15, what=what)
            assert_between(mean * n_in**0.5, -0.2, 0.2, what=f"the mean of {name}, times √n_in")
