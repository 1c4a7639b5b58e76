"""Hidden tests of homework 3's training (3.5).

Probes (functions whose first argument is `student`) run beside the submission. `train` is first
tested with a network of the test's own, so that mistakes in the student's MLP do not count again.
"""

import itertools

import numpy as np

from grader.testing import (
    assert_accuracy,
    assert_array,
    assert_between,
    assert_close,
    assert_sequence,
    assert_unchanged,
    check,
)

SAMPLES, BATCH, EPOCHS = 26, 5, 4  # so many that chance makes no right order fail: see notes.md


def train_a_recorder(student, W, b, X, T, step_size, batch_size, n_epochs, rng):
    """Probe: trains a linear network that writes down its batches; all that train did with it.

    The rows (x, t) of all batches come in one array, a batch of another shape as it is.
    """
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

    def fits(x, t):
        shaped = x.ndim == 2 and x.shape[1] == 2 and t.shape == (len(x), 1)
        floats = x.dtype.kind == t.dtype.kind == "f"
        return shaped and floats and np.isfinite(x).all() and np.isfinite(t).all()

    odd = [batch for batch in net.batches if not fits(*batch)]
    if odd:
        return losses, None, odd[0], weights, X, T
    sizes = np.array([len(x) for x, _ in net.batches], dtype=int)
    rows = [np.hstack(batch) for batch in net.batches]
    return losses, sizes, np.concatenate([np.zeros((0, 3)), *rows]), weights, X, T


def linear_case(rng, n_samples):
    """W (2, 1), b (1,), X (N, 2), whose first column numbers the samples, and T (N, 1)."""
    X = np.column_stack([np.arange(float(n_samples)), rng.normal(size=n_samples)])
    return rng.normal(size=(2, 1)), rng.normal(size=1), X, 10 + X[:, :1]


def recorded(student, case, batch_size, n_epochs, rng):
    """Losses, batches (x, t) and layers of a recorder that was trained.

    There is a batch, there are no more than samples, and each holds rows of X: what is done with
    the batches here has a bound, and a train that does nothing has no batch to be right about.
    """
    _, _, X, T = case
    result = student.run(train_a_recorder, *case, 0.01, batch_size, n_epochs, rng)
    losses, sizes, rows, weights, *after = assert_sequence(result, 6, what="what train did")
    assert_unchanged([X, T], after, what="X and T after train")
    if sizes is None:
        x, t = assert_sequence(rows, 2, what="a batch")
        x = assert_array(x, shape=(None, 2), what="X of a batch")
        assert_array(t, shape=(len(x), 1), what="T of a batch")
    sizes = assert_array(sizes, shape=(None,), kind="i", what="the list of batch sizes")
    check(
        1 <= len(sizes) <= n_epochs * len(X),
        what="the number of batches that train calls net.backward with",
        expected="at least one, and not more than there are samples",
        got=str(len(sizes)),
    )
    check(
        bool(sizes.min() >= 1 and sizes.max() <= len(X)),
        what="the number of samples in a batch",
        expected="from one to all",
        got=str(sizes.min() if sizes.min() < 1 else sizes.max()),
    )
    rows = assert_array(rows, shape=(int(sizes.sum()), 3), what="all batches")
    check(
        bool((rows[:, None, :2] == X).all(axis=2).any(axis=1).all()),
        what="X of a batch",
        expected="rows of the X that train was given",
        got="other rows",
    )
    batches = [(x_t[:, :2], x_t[:, 2:]) for x_t in np.split(rows, np.cumsum(sizes)[:-1])]
    return losses, batches, assert_sequence(weights, 2, what="the layers after train")


def check_batch_sizes(batches):
    """Full batches and a shorter last one in every epoch."""
    sizes = [len(x) for x, _ in batches]
    full, rest = divmod(SAMPLES, BATCH)
    mistake = None
    if sizes == [BATCH] * full * EPOCHS:
        mistake = "the last, shorter batch is left out"
    elif sizes == [SAMPLES] * EPOCHS:
        mistake = "all samples are in one batch"
    elif sizes == [BATCH] * (full + 1) * EPOCHS:
        mistake = "the last batch is filled up with samples that were already used"
    check(
        sizes == ([BATCH] * full + [rest]) * EPOCHS,
        what="the list of batch sizes",
        expected="5, 5, 5, 5, 5 and 1 in each of four epochs",
        got=", ".join(map(str, sizes[:12])) or "no batch",
        mistake=mistake,
    )


def epochs_of(batches):
    """The samples' numbers in the order of every epoch, once each uses every sample once."""
    number = -(-SAMPLES // BATCH)  # of batches in an epoch
    orders = []
    for epoch in range(EPOCHS):
        x = np.concatenate([x for x, _ in batches[epoch * number : (epoch + 1) * number]])
        orders.append(x[:, 0].tolist())
        check(
            sorted(orders[-1]) == list(range(SAMPLES)),
            what=f"the samples of epoch {epoch + 1}",
            expected="every sample once",
            got="some samples twice, others not at all",
        )
    return orders


def check_shuffled(orders):
    """Every epoch has an order of its own, in which other samples meet in a batch."""
    what = "the order of the samples"
    check(
        any(order != sorted(order) for order in orders),
        what=what,
        expected="shuffled with rng",
        got="the order of the data set",
    )
    check(
        any(order != orders[0] for order in orders),
        what=what,
        expected="a new one in every epoch",
        got="the same order in all epochs",
    )
    # by chance 6 of 75 are the same, and 38 with a probability below 1e-17
    neighbours = [{frozenset(pair) for pair in itertools.pairwise(order)} for order in orders]
    same = sum(len(one & other) for one, other in itertools.pairwise(neighbours))
    check(
        2 * same < (SAMPLES - 1) * (EPOCHS - 1),
        what=what,
        expected="shuffled anew in every epoch",
        got="samples that follow one another as in the epoch before: shifted or reversed",
    )
    starts = range(0, SAMPLES - BATCH, BATCH)
    together = [frozenset(order[i : i + BATCH]) for order in orders for i in starts]
    # two sets of 5 of 26 are equal with a probability of 2e-5, and ten times never
    check(
        len(set(together)) > len(together) / 2,
        what="the samples that share a batch",
        expected="others in every epoch",
        got="the same ones again: shuffle all samples, then cut them into batches",
    )


def test_train_uses_every_sample_once(student, rng):
    """An epoch uses all samples once, newly shuffled with rng, and leaves X and T as they are."""
    case = linear_case(rng, SAMPLES)
    one, two = (int(seed) for seed in rng.integers(2**32, size=2))
    runs = [
        recorded(student, case, BATCH, EPOCHS, np.random.default_rng(seed))[1]
        for seed in (one, one, two)
    ]
    batches = runs[0]
    check_batch_sizes(batches)
    orders = epochs_of(batches)
    for x, t in batches:
        check(
            bool(np.all(t[:, 0] == 10 + x[:, 0])),
            what="the targets in a batch",
            expected="every input with its own target",
            got="inputs with the targets of other samples",
            mistake="X is shuffled and T is not, or in another order",
        )
    check_shuffled(orders)
    for run in runs[1:]:
        check_batch_sizes(run)
    again, other = epochs_of(runs[1]), epochs_of(runs[2])
    check(
        orders == again,
        what="the order of the samples with an equal generator",
        expected="the same",
        got="another one",
    )
    check(
        orders != other,
        what="the order of the samples with another generator",
        expected="another one: it is drawn from the argument rng",
        got="the same",
    )


def replay(W, b, batches, step, step_b=None):
    """Weights after steps over these batches; step(m) is the step size for a batch of m."""
    step_b = step_b or step
    for x, t in batches:
        dz = (x @ W + b - t) / len(x)
        W, b = W - step(len(x)) * x.T @ dz, b - step_b(len(x)) * dz.sum(axis=0)
    return W, b


def test_train_takes_the_stated_step(student, rng):
    """After one epoch W and b of all layers are w - (η/m) Σ ∂ℓ/∂w, and the loss is the new one."""
    W, b, X, T = case = linear_case(rng, 7)
    losses, batches, weights = recorded(student, case, 3, 1, rng)
    expected = replay(W, b, batches, lambda m: 0.01)
    steps = {
        "the mean gradient is divided by the batch's size again": lambda m: 0.01 / m,
        "the mean gradient is divided by batch_size again": lambda m: 0.01 / 3,
        "the mean gradient is divided by the number of samples again": lambda m: 0.01 / 7,
        "the gradient is multiplied by the batch size": lambda m: 0.01 * m,
        "the gradient is added: the step goes uphill": lambda m: -0.01,
        "a short batch's step is scaled by m / batch_size": lambda m: 0.01 * m / 3,
    }

    def mistakes_in(i):
        flawed = {words: replay(W, b, batches, step) for words, step in steps.items()}
        flawed["b is not updated"] = replay(W, b, batches, lambda m: 0.01, lambda m: 0.0)
        flawed["W and b are not updated"] = (W, b)
        return {words: wrong[i] for words, wrong in flawed.items()}

    pair = assert_sequence(weights[0], 2, what="W and b of the layer")
    for i, name in enumerate("Wb"):
        assert_close(
            pair[i],
            expected[i],
            what=f"{name} after an epoch",
            rtol=1e-9,
            mistakes=lambda i=i: mistakes_in(i),
        )
    # the second layer has had the same gradients, and no part in them
    pair = assert_sequence(weights[1], 2, what="W and b of the layer")
    for i, name in enumerate("Wb"):
        assert_close(
            pair[i], expected[i], what=f"{name} of a second layer after an epoch", rtol=1e-9
        )
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


def xor_weights(student, seeds):
    """Probe: first weights of the MLP that train_xor returns for every seed, or what else it is."""
    import numpy as np

    networks = [student.train_xor(np.random.default_rng(seed)) for seed in seeds]
    if not all(isinstance(net, student.MLP) for net in networks):
        return "no MLP"
    return [np.array(net.layers[0].W) for net in networks]


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
        net = student.MLP([50, 24, 60], ["tanh", "softmax"], "categorical_cross_entropy", rng)
        start = [np.array(part) for layer in net.layers for part in (layer.W, layer.b)]
        student.train(net, X, T, 0.1, 4, 2, rng)
        runs.append([*start, *[np.array(layer.W) for layer in net.layers]])
        after = np.random.get_state()[1], np.random.get_state()[2], random.getstate()
        same = np.array_equal(before[0], after[0]) and before[1:] == after[1:]
        untouched = untouched and same
    return runs, untouched


def test_randomness_comes_from_the_generator(student, rng):
    """Weights and order come from the generator alone, in train_xor too; mean 0, spread 1/√d_in."""
    X, T = rng.normal(size=(10, 50)), np.eye(60)[rng.integers(60, size=10)]
    result = student.run(train_three_times, X, T, [11, 11, 12])
    runs, untouched = assert_sequence(result, 2, what="three runs")
    shapes = {
        "W of layer 1 at the start": (50, 24),
        "b of layer 1 at the start": (24,),
        "W of layer 2 at the start": (24, 60),
        "b of layer 2 at the start": (60,),
        "W of layer 1 after training": (50, 24),
        "W of layer 2 after training": (24, 60),
    }
    first, again, other = (
        {
            name: assert_array(array, shape=shape, what=name)
            for array, (name, shape) in zip(
                assert_sequence(run, 6, what="a run"), shapes.items(), strict=True
            )
        }
        for run in assert_sequence(runs, 3, what="three runs")
    )
    check(
        untouched is True,
        what="numpy's and Python's global random state",
        expected="left alone",
        got="a state that was used or seeded",
        hint="Draw from the argument rng only.",
    )
    for name in shapes:
        assert_close(again[name], first[name], what=f"{name}, twice with the same seed", rtol=1e-12)
        if name.startswith("b"):
            assert_close(first[name], np.zeros(shapes[name]), what=name)
            continue
        check(
            not np.allclose(first[name], other[name]),
            what=f"{name} for two different seeds",
            expected="different numbers",
            got="the same numbers",
        )
    for layer, d_in in ((1, 50), (2, 24)):
        start = first[f"W of layer {layer} at the start"]
        check(
            not np.allclose(first[f"W of layer {layer} after training"], start),
            what=f"W of layer {layer} after training",
            expected="other weights than at the start",
            got="the weights of the start",
        )
        # of 1,200 weights and more: the deviation is known to 2 %, the mean to 0.03 of it
        what = f"of W of layer {layer} at the start, times √d_in"
        deviation, mean = float(np.std(start)), float(np.mean(start))
        assert_between(deviation * d_in**0.5, 0.85, 1.15, what=f"the standard deviation {what}")
        assert_between(mean * d_in**0.5, -0.2, 0.2, what=f"the mean {what}")
    weights = student.run(xor_weights, [11, 12])
    check(
        isinstance(weights, list),
        what="what train_xor returns",
        expected="an object of your class MLP",
        got="something else",
    )
    what = "W of layer 1 of train_xor's network"
    one, two = (
        assert_array(W, shape=(2, None), what=what)
        for W in assert_sequence(weights, 2, what="two networks")
    )
    check(
        not np.array_equal(one, two),
        what=f"{what} for two different seeds",
        expected="different numbers: they start random and are trained",
        got="the same numbers",
    )


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
    losses, outputs = assert_sequence(
        student.run(train_and_predict, X, np.eye(2)[classes], X_new, rng),
        2,
        what="losses and outputs",
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
