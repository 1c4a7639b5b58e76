"""Hidden tests of hw4, problem 4.6: costs, layers, gradient descent and training."""

import numpy as np

from grader.testing import (
    assert_accuracy,
    assert_array,
    assert_close,
    assert_unchanged,
    check_gradient,
)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def squared(y, t):
    return float(0.5 * np.sum((y - t) ** 2) / len(t))


def bernoulli(y, t):
    return float(-np.sum(t * np.log(y) + (1 - t) * np.log(1 - y)) / len(t))


def net_gradient(student, rng, name, parameters, x, t):
    """A probe: a cost of a 3-4-2 net with given parameters, and its gradients."""
    first, second = student.Linear(3, 4, rng), student.Linear(4, 2, rng)
    first.W.val, first.b.val = parameters["W"], parameters["b"]
    second.W.val, second.b.val = parameters["V"], parameters["c"]
    net = student.Net([first, student.Logistic(), second, student.Logistic()])
    E = getattr(student, name)(net(student.Mat(x)), t)
    E.backward()
    gradients = {"W": first.W.grad, "b": first.b.grad, "V": second.W.grad, "c": second.b.grad}
    return gradients | {"value": E.val, "targets": t}


def entry(result, name):
    """One entry of what a probe returned, or nothing where it returned something else."""
    return result.get(name) if type(result) is dict else None


def test_costs_and_net_gradient(student, rng):
    """Both costs are means over samples, their gradients reach every parameter, and t stays."""
    x, t = rng.normal(size=(5, 3)), rng.integers(2, size=(5, 2)).astype(float)
    parameters = {
        "W": rng.normal(size=(3, 4)),
        "b": rng.normal(size=4),
        "V": rng.normal(size=(4, 2)),
        "c": rng.normal(size=2),
    }
    for name, formula in (("mean_squared_error", squared), ("cross_entropy", bernoulli)):

        def loss(W, b, V, c, formula=formula):
            return formula(sigmoid(sigmoid(x @ W + b) @ V + c), t)

        result = student.run(net_gradient, rng, name, parameters, x, t)
        assert_close(
            entry(result, "value"),
            loss(**parameters),
            what=f"{name} of a net's outputs",
            batch_size=5,
            mistakes={"it is averaged over the outputs too": loss(**parameters) / 2},
        )
        check_gradient(
            loss,
            parameters,
            {key: entry(result, key) for key in parameters},
            what=f"{name} of a net",
            batch_size=5,
        )
        assert_unchanged(t, entry(result, "targets"), what=f"t after {name}(y, t)")


def initial(student, d_in, d_out, rng, x):
    """A probe: the parameters of a new layer, and its output before and after a sigmoid."""
    layer = student.Linear(d_in, d_out, rng)
    z = layer(student.Mat(x))
    W, b = layer.parameters()
    return {"W": W.val, "b": b.val, "z": z.val, "h": student.Logistic()(z).val}


def test_linear_initial_weights(student, rng):
    """W is drawn from the generator with standard deviation 1/√d_in, b is zero, z = x @ W."""
    d_in, d_out, seed = 64, 50, int(rng.integers(10**6))
    x = rng.normal(size=(3, d_in))
    result = student.run(initial, d_in, d_out, np.random.default_rng(seed), x)
    w = assert_array(entry(result, "W"), shape=(d_in, d_out), what="W")
    again = student.run(initial, d_in, d_out, np.random.default_rng(seed), x)
    what = "W, drawn again with a generator in the same state"
    assert_close(entry(again, "W"), w, what=what)
    assert_close(
        float(w.std() * np.sqrt(d_in)),
        1.0,
        rtol=0.08,  # 3,200 draws: the standard error of the deviation is 1.25 %
        what="the standard deviation of W, times √d_in",
    )
    assert_close(float(w.mean() * np.sqrt(d_in)), 0.0, atol=0.1, what="the mean of W, times √d_in")
    assert_close(entry(result, "b"), np.zeros(d_out), what="b")
    assert_close(entry(result, "z"), x @ w, what="the output of the layer", rtol=1e-6, atol=1e-9)
    assert_close(entry(result, "h"), sigmoid(x @ w), what="the sigmoid of it", rtol=1e-6)


def stepped(student, theta, slope, kappa):
    """A probe: a parameter after one step, given its gradient."""
    parameter = student.Mat(theta)
    parameter.backward(slope)
    student.gradient_step([parameter], kappa)
    return parameter.val


def descend(student, w, b, x, t, kappa, epochs):
    """A probe: train one linear layer from given parameters, which hold an old gradient."""
    import numpy as np

    layer = student.Linear(*w.shape, np.random.default_rng(0))
    layer.W.val, layer.b.val = w, b
    net = student.Net([layer])
    student.mean_squared_error(net(student.Mat(x)), t).backward()
    costs = student.train(net, student.mean_squared_error, x, t, kappa, epochs)
    numbers = np.concatenate([costs, layer.W.val.ravel(), layer.b.val])
    return {"numbers": numbers, "x": x, "t": t}


def classify(student, w, b, x, labels, kappa, epochs):
    """A probe: train one linear layer with the softmax cross-entropy from given parameters."""
    import numpy as np

    layer = student.Linear(*w.shape, np.random.default_rng(0))
    layer.W.val, layer.b.val = w, b
    net = student.Net([layer])
    costs = student.train(net, student.softmax_cross_entropy, x, labels, kappa, epochs)
    return np.concatenate([costs, layer.W.val.ravel(), layer.b.val])


def softmax_by_hand(w, b, x, labels, kappa, epochs):
    """Gradient descent on the softmax cross-entropy of x @ w + b, from the formula."""
    costs, rows = [], np.arange(len(x))
    for _ in range(epochs):
        p = np.exp(x @ w + b)
        p /= p.sum(axis=1, keepdims=True)
        costs.append(-np.log(p[rows, labels]).mean())
        d = (p - np.eye(len(b))[labels]) / len(x)
        w, b = w - kappa * x.T @ d, b - kappa * d.sum(axis=0)
    return np.concatenate([costs, w.ravel(), b])


def by_hand(w, b, x, t, kappa, epochs, *, keep=0.0, stale=False):
    """Gradient descent on the mean squared error of x @ w + b, from the formula."""
    costs, n = [], len(x)
    dw, db = (x.T @ (x @ w + b - t) / n, (x @ w + b - t).mean(axis=0)) if stale else (0.0, 0.0)
    for _ in range(epochs):
        d = x @ w + b - t
        costs.append(0.5 * np.sum(d * d) / n)
        dw, db = keep * dw + x.T @ d / n, keep * db + d.mean(axis=0)
        w, b = w - kappa * dw, b - kappa * db
    return np.concatenate([costs, w.ravel(), b])


def test_train_is_gradient_descent(student, rng):
    """train() does θ ← θ - κ θ.grad with this step's gradient, for both kinds of targets."""
    x, t = rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
    w, b = rng.normal(size=(3, 2)), rng.normal(size=2)
    what = "a parameter after one gradient_step"
    assert_close(student.run(stepped, w, 2 * w * w, 0.1), w - 0.2 * w * w, what=what)
    case = (w, b, x, t, 0.3, 4)
    kept = "gradients of earlier steps are still in θ.grad"
    result = student.run(descend, *case)
    assert_close(
        entry(result, "numbers"),
        by_hand(*case),
        what="the costs before each of four steps, then W and b, for one linear layer",
        rtol=1e-9,
        mistakes={
            kept: by_hand(*case, keep=1.0),
            kept + " (also from before train)": by_hand(*case, keep=1.0, stale=True),
            "the step goes up the gradient": by_hand(w, b, x, t, -0.3, 4),
        },
    )
    assert_unchanged([x, t], [entry(result, "x"), entry(result, "t")], what="x and t after train")
    w, b, labels = rng.normal(size=(3, 4)), rng.normal(size=4), rng.integers(4, size=7)
    case = (w, b, x, labels, 0.3, 2)
    assert_close(
        student.run(classify, *case),
        softmax_by_hand(*case),
        what="the costs of two steps with softmax_cross_entropy, then W and b, for a linear layer",
        rtol=1e-9,
    )


def ring(rng, n):
    """Points of the square [-1, 1)² at least 0.08 from the circle of radius 0.75, and labels."""
    x = rng.uniform(-1.0, 1.0, size=(4 * n, 2))
    r = np.hypot(*x.T)
    x = x[np.abs(r - 0.75) > 0.08][:n]
    return x, (np.hypot(*x.T) < 0.75).astype(float)[:, None]


def fit_and_predict(student, rng, x, t, x_test, kappa, epochs):
    """A probe: train a 2-10-1 net with the student's classes; its outputs on x_test."""
    layers = [student.Linear(2, 10, rng), student.Logistic()]
    layers += [student.Linear(10, 1, rng), student.Logistic()]
    net = student.Net(layers)
    student.train(net, student.cross_entropy, x, t, kappa, epochs)
    return net(student.Mat(x_test)).val


def test_train_learns_a_disk(student, rng, points):
    """A 2-10-1 net of your classes learns to tell a disk from its surroundings."""
    x, t = ring(rng, 80)
    x_test, t_test = ring(rng, 400)
    y = student.run(fit_and_predict, rng, x, t, x_test, 6.0, 200)
    y = assert_array(y, shape=(400, 1), what="the outputs for new points")
    assert_accuracy(
        (y[:, 0] > 0.5).astype(int),
        t_test[:, 0].astype(int),
        ladder=[(0.85, 1.0), (0.7, 0.5)],
        points=points,
        what="the accuracy on new points",
    )
