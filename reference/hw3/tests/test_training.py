"""Hidden tests of homework 3's training (3.5).

Probes (functions whose first argument is `student`) run beside the submission. `train` is first
tested with a network of the test's own, so that mistakes in the student's MLP do not count again.
"""

import numpy as np

from grader.testing import assert_accuracy, assert_array, assert_between, assert_close, check


def parts(result, count, what):
    """The parts of a tuple or list of known length, once it is known to be one."""
    check(
        isinstance(result, (tuple, list)) and len(result) == count,
        what=what,
        expected=f"{count} values",
        got=type(result).__name__,
    )
    return list(result)


def train_a_recorder(student, W, b, X, T, step_size, batch_size, n_epochs, rng):
    """Probe: trains a linear network that writes down its batches; all that train did with it."""
    import numpy as np

    class Layer:
        pass

    class Recorder:
        def __init__(self):
            self.layers = [Layer(), Layer()]  # the second one has no part in the output
            for layer in self.layers:
                layer.W, layer.b = W.copy(), b.copy()
                layer.grad_W, layer.grad_b = np.zeros_like(W), np.zeros_like(b)
            self.batches = []

        def forward(self, X):
            return X @ self.layers[0].W + self.layers[0].b

        def loss(self, X, T):
            return float(np.mean(0.5 * np.sum((self.forward(X) - T) ** 2, axis=1)))

        def backward(self, X, T):
            self.batches.append((np.array(X), np.array(T)))
            dz = (self.forward(X) - T) / len(X)
            for layer in self.layers:
                layer.grad_W, layer.grad_b = X.T @ dz, dz.sum(axis=0)

    net = Recorder()
    losses = student.train(net, X, T, step_size, batch_size, n_epochs, rng)
    weights = [(np.array(layer.W), np.array(layer.b)) for layer in net.layers]
    return losses, net.batches, weights


def recorded(student, rng, n_epochs):
    """Seven numbered samples trained in batches of three: inputs, and what the probe gives back."""
    X = np.column_stack([np.arange(7.0), rng.normal(size=7)])  # (7, 2), the number comes first
    T = 10 + X[:, :1]  # (7, 1)
    W, b = rng.normal(size=(2, 1)), rng.normal(size=1)
    result = student.run(train_a_recorder, W, b, X, T, 0.01, 3, n_epochs, rng)
    losses, batches, weights = parts(result, 3, "what train did")
    check(
        isinstance(batches, list) and len(batches) <= 1000,
        what="the batches of train",
        expected="a list of batches",
    )
    pairs = []
    for batch in batches:
        x, t = parts(batch, 2, "a batch")
        x = assert_array(x, shape=(None, 2), what="X of a batch")
        check(len(x) > 0, what="a batch", expected="at least one sample", got="an empty batch")
        pairs.append((x, assert_array(t, shape=(len(x), 1), what="T of a batch")))
    return X, T, W, b, losses, pairs, parts(weights, 2, "the layers after train")


def test_train_uses_every_sample_once(student, rng):
    """Seven samples in batches of three: an epoch uses all of them once, newly shuffled."""
    *_, batches, _ = recorded(student, rng, n_epochs=4)
    sizes = [len(x) for x, _ in batches]
    mistake = None
    if sizes == [3, 3] * 4:
        mistake = "the last, shorter batch is left out"
    elif sizes == [7] * 4:
        mistake = "all samples are in one batch"
    elif sizes == [3, 3, 3] * 4:
        mistake = "the last batch is filled up with samples that were already used"
    check(
        sizes == [3, 3, 1] * 4,
        what="the list of batch sizes",
        expected="3, 3 and 1 in each of four epochs",
        got=", ".join(map(str, sizes[:12])) or "no batch",
        mistake=mistake,
    )
    orders = []
    for epoch in range(4):
        three = batches[3 * epoch : 3 * epoch + 3]
        orders.append([float(number) for x, _ in three for number in x[:, 0]])
        check(
            sorted(orders[-1]) == [float(i) for i in range(7)],
            what=f"the samples of epoch {epoch + 1}",
            expected="every sample once",
            got="some samples twice, others not at all",
        )
    for x, t in batches:
        check(
            bool(np.all(t[:, 0] == 10 + x[:, 0])),
            what="the targets in a batch",
            expected="every input with its own target",
            got="inputs with the targets of other samples",
            mistake="X is shuffled and T is not, or in another order",
        )
    check(
        any(order != sorted(order) for order in orders),
        what="the order of the samples",
        expected="shuffled with rng",
        got="the order of the data set",
    )
    check(
        any(order != orders[0] for order in orders),
        what="the order of the samples",
        expected="a new one in every epoch",
        got="the same order in all epochs",
    )


def replay(W, b, batches, step, step_b=None):
    """Weights after steps over these batches; step(m) is the step size for a batch of m."""
    step_b = step_b or step
    for x, t in batches:
        dz = (x @ W + b - t) / len(x)
        W, b = W - step(len(x)) * x.T @ dz, b - step_b(len(x)) * dz.sum(axis=0)
    return W, b


def test_train_takes_the_stated_step(student, rng):
    """After one epoch W and b of all layers are w - (η/m) Σ ∂L/∂w, and the loss is the new one."""
    X, T, W, b, losses, batches, weights = recorded(student, rng, n_epochs=1)
    expected = replay(W, b, batches, lambda m: 0.01)
    flawed = {
        "the mean gradient is divided by the batch's size again": lambda m: 0.01 / m,
        "the mean gradient is divided by batch_size again": lambda m: 0.01 / 3,
        "the mean gradient is divided by the number of samples again": lambda m: 0.01 / 7,
        "the gradient is multiplied by the batch size": lambda m: 0.01 * m,
        "the gradient is added: the step goes uphill": lambda m: -0.01,
        "a short batch's step is scaled by m / batch_size": lambda m: 0.01 * m / 3,
    }
    flawed = {words: replay(W, b, batches, step) for words, step in flawed.items()}
    flawed["b is not updated"] = replay(W, b, batches, lambda m: 0.01, lambda m: 0.0)
    flawed["W and b are not updated"] = (W, b)
    pair = parts(weights[0], 2, "W and b of the layer")
    for i, name in enumerate("Wb"):
        mistakes = {words: wrong[i] for words, wrong in flawed.items()}
        assert_close(
            pair[i], expected[i], what=f"{name} after an epoch", rtol=1e-9, mistakes=mistakes
        )
    steps = []  # the gradients of every batch
    for k, (x, t) in enumerate(batches):
        W_k, b_k = replay(W, b, batches[:k], lambda m: 0.01)
        dz = (x @ W_k + b_k - t) / len(x)
        steps.append((x.T @ dz, dz.sum(axis=0)))
    pair = parts(weights[1], 2, "W and b of the layer")
    for i, name in enumerate("Wb"):
        moved = (W, b)[i] - 0.01 * sum(step[i] for step in steps)
        assert_close(pair[i], moved, what=f"{name} of a second layer after an epoch", rtol=1e-9)
    loss = float(np.mean(0.5 * (X @ expected[0] + expected[1] - T) ** 2))
    assert_close(
        losses,
        np.array([loss]),
        what="the array that train returns, after one epoch",
        rtol=1e-9,
        mistakes={
            "this is the loss before the epoch": np.array([0.5 * np.mean((X @ W + b - T) ** 2)])
        },
    )


def train_three_times(student, X, T, seeds):
    """Probe: weights at the start and the end for every seed, and whether global state moved."""
    import random

    import numpy as np

    runs, untouched = [], True
    for number, seed in enumerate(seeds):
        np.random.seed(number)
        random.seed(number)
        before = np.random.get_state()[1].copy(), np.random.get_state()[2], random.getstate()
        rng = np.random.default_rng(seed)
        net = student.MLP([30, 20, 2], ["tanh", "softmax"], "categorical_cross_entropy", rng)
        start = [np.array(net.layers[0].W), np.array(net.layers[0].b)]
        student.train(net, X, T, 0.1, 4, 2, rng)
        layer = student.LinearSigmoidLayer(20, 30, rng)
        output = student.Net(20, 25, rng).output
        runs.append([*start, np.array(net.layers[0].W), np.array(layer.W), np.array(output.W)])
        after = np.random.get_state()[1], np.random.get_state()[2], random.getstate()
        same = np.array_equal(before[0], after[0]) and before[1:] == after[1:]
        untouched = untouched and same
    return runs, untouched


def test_randomness_comes_from_the_generator(student, rng):
    """Weights and order depend on the generator alone, with mean 0 and deviation 1/√d_in."""
    X, T = rng.normal(size=(10, 30)), np.eye(2)[rng.integers(2, size=10)]
    result = student.run(train_three_times, X, T, [11, 11, 12])
    runs, untouched = parts(result, 2, "three runs")
    shapes = ((30, 20), (20,), (30, 20), (20, 30), (25, 1))
    names = (
        "W at the start",
        "b at the start",
        "W after training",
        "LinearSigmoidLayer.W",
        "W of Net.output",
    )
    first, again, other = (
        [
            assert_array(array, shape=shape, what=name)
            for array, shape, name in zip(parts(run, 5, "a run"), shapes, names, strict=True)
        ]
        for run in parts(runs, 3, "three runs")
    )
    check(
        untouched is True,
        what="numpy's and Python's global random state",
        expected="left alone",
        got="a state that was used or seeded",
        hint="Draw from the argument rng only.",
    )
    for k, name in enumerate(names):
        assert_close(again[k], first[k], what=f"{name}, twice with the same seed", rtol=1e-12)
    check(
        not np.allclose(first[2], first[0]),
        what="W after training",
        expected="other weights than at the start",
        got="the weights of the start",
    )
    for k in (0, 2, 3, 4):
        check(
            not np.allclose(first[k], other[k]),
            what=f"{names[k]} for two different seeds",
            expected="different numbers",
            got="the same numbers",
        )
    assert_close(first[1], np.zeros(20), what="b of a new MLP")
    for k, d_in in ((0, 30), (3, 20)):
        deviation = float(np.std(first[k]) * np.sqrt(d_in))
        words = f"the standard deviation of {names[k]}, times √d_in"
        assert_between(deviation, 0.85, 1.15, what=words)
        assert_between(float(np.mean(first[k])), -0.1, 0.1, what=f"the mean of {names[k]}")


def train_and_predict(student, X, T, X_new, rng):
    """Probe: losses and outputs for new samples of a 2-16-2 network."""
    net = student.MLP([2, 16, 2], ["tanh", "softmax"], "categorical_cross_entropy", rng)
    losses = student.train(net, X, T, step_size=2.0, batch_size=30, n_epochs=10, rng=rng)
    return losses, net.forward(X_new)


def rings(rng, n_samples):
    """Samples (N, 2) of a disk (class 0) and of a ring around it (class 1), and classes (N,)."""
    classes = rng.integers(2, size=n_samples)
    radius = rng.uniform(0, 0.8, size=n_samples) + 1.5 * classes
    angle = rng.uniform(0, 2 * np.pi, size=n_samples)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), classes


def test_train_two_classes(student, rng, points):
    """A disk in a ring: after 10 epochs, a 2-16-2 network tells new samples apart."""
    X, classes = rings(rng, 150)
    X_new, labels = rings(rng, 200)
    losses, outputs = parts(
        student.run(train_and_predict, X, np.eye(2)[classes], X_new, rng), 2, "losses and outputs"
    )
    losses = assert_array(losses, shape=(10,), what="the losses that train returns")
    check(
        bool(losses[-1] < losses[0] / 2),
        what="the loss after training",
        expected="less than half of the loss after the first epoch",
        got="a loss that went down less or not at all",
    )
    outputs = assert_array(outputs, shape=(200, 2), what="the outputs for new samples")
    assert_accuracy(
        np.argmax(outputs, axis=1),
        labels,
        ladder=[(0.95, 1.0), (0.85, 0.5)],
        points=points,
        what="classes of new samples",
    )
