"""Hidden tests of hw5, problem 5.4: data, network, evaluation and training on the disk.

The labels of the points that the trained network is judged on never leave this process.
"""

import numpy as np
import torch

from grader.testing import assert_accuracy, assert_array, assert_close, assert_equal, check

R2 = 2 / np.pi  # the squared radius of a disk with half the area of [-1, 1)²


def entry(result, name):
    """One entry of what a probe returned, or nothing where it returned something else."""
    return result.get(name) if type(result) is dict else None


def is_text(value, text):
    """Whether a value that came back is this text; an array would answer `==` with an array."""
    return type(value) is str and value == text


def new_data(student, n, generator):
    """A probe: X and y of generate_data, and their dtypes."""
    X, y = student.generate_data(n, generator)
    return {"X": X, "y": y, "dtype of X": str(X.dtype), "dtype of y": str(y.dtype)}


def table(student, n, seed):
    """X and y side by side, (n, 3), for a seed of the generator."""
    result = student.run(new_data, n, torch.Generator().manual_seed(seed))
    x = assert_array(entry(result, "X"), shape=(n, 2), kind="ft", what="X")
    y = assert_array(entry(result, "y"), shape=(n,), kind="it", what="y")
    for name, dtype in (("X", "torch.float32"), ("y", "torch.int64")):
        check(
            is_text(entry(result, f"dtype of {name}"), dtype),
            what=f"the dtype of {name}",
            expected=dtype,
            got="another one",
        )
    return np.column_stack([x, y])


def test_disk_points_and_labels(student, torch_seed):
    """The points fill the square evenly, and the label is 1 exactly inside the circle."""
    n = 4000
    data = table(student, n, torch_seed)
    x, y = data[:, :2], data[:, 2]
    r2 = (x**2).sum(axis=1)
    clear = np.abs(r2 - R2) > 1e-4
    assert_close(
        y[clear],
        (r2 < R2).astype(float)[clear],
        what="the array of labels",
        mistakes={
            "the labels are exchanged": (r2 >= R2).astype(float)[clear],
            "the radius is 2/π": (r2 < R2**2).astype(float)[clear],
        },
    )
    counts, _, _ = np.histogram2d(x[:, 0], x[:, 1], bins=4, range=[[-1, 1], [-1, 1]])
    check(
        bool(np.abs(counts - n / 16).max() < 6 * np.sqrt(n / 16)),
        what="the number of points in each of 4 x 4 equal squares",
        expected="about equally many",
        got=f"from {int(counts.min())} to {int(counts.max())}",
    )
    check(
        np.array_equal(table(student, n, torch_seed), data),
        what="the data of a generator in the same state",
        expected="the same data",
        got="other ones",
    )
    check(
        not np.array_equal(table(student, n, torch_seed + 1), data),
        what="the data of another seed",
        expected="other data",
        got="the same",
    )


def the_output_of_a_disk_net(student, generator, theta, x):
    """A probe: the output of a DiskNet with given parameters."""
    import torch

    net = student.DiskNet(generator)
    torch.nn.utils.vector_to_parameters(theta, net.parameters())
    with torch.no_grad():
        return net(x)


def the_parameters_of_two_disk_nets(student, seed):
    """A probe: the parameters' shapes, and whether equal generators give equal parameters."""
    import torch

    both = []
    for k in (1, 2):
        torch.manual_seed(seed + k)  # the global state differs, the generator does not
        net = student.DiskNet(torch.Generator().manual_seed(seed))
        both.append([theta.detach().clone() for theta in net.parameters()])
    shapes = [list(theta.shape) for theta in both[0]]
    return {"shapes": shapes, "equal": all(map(torch.equal, *both))}


def test_disk_net(student, rng, torch_seed):
    """DiskNet has 2-64-64-2 nodes, drawn by the generator; it gives logarithms of probabilities."""
    generator = torch.Generator().manual_seed(torch_seed)
    found = student.run(the_parameters_of_two_disk_nets, torch_seed)
    assert_equal(
        entry(found, "shapes"),
        [[64, 2], [64], [64, 64], [64], [2, 64], [2]],
        what="the list of the shapes of DiskNet's parameters",
    )
    check(
        entry(found, "equal") is True,
        what="a second DiskNet from a generator in the same state",
        expected="the same parameters",
        got="other ones: they come from torch's global state",
    )
    parts = [rng.normal(size=n) / np.sqrt(n / 64) for n in (128, 64, 4096, 64, 128, 2)]
    x = h = rng.normal(size=(9, 2))
    for k in (0, 2, 4):
        z = h @ parts[k].reshape(-1, h.shape[1]).T
        if k == 4:
            parts[5] = -z.mean(axis=0)  # scores of both signs, so that a relu on them shows
        h = z + parts[k + 1]
        if k < 4:
            h = np.maximum(h, 0.0)
    theta = torch.tensor(np.concatenate(parts)).float()
    log_p = h - np.log(np.exp(h).sum(axis=1, keepdims=True))
    assert_close(
        student.run(the_output_of_a_disk_net, generator, theta, torch.tensor(x).float()),
        torch.tensor(log_p).float(),
        what="the output of DiskNet",
        rtol=1e-4,
        atol=1e-5,
        mistakes={"no softmax at all": torch.tensor(h).float()},
    )


def a_model_with_dropout(student, w, training, device):
    """A probe: a classifier with normalisation and dropout, which holds a gradient."""
    import torch

    class Recorder(torch.nn.Module):
        saw_graph = False

        def forward(self, x):
            Recorder.saw_graph |= torch.is_grad_enabled()  # a copy of the model writes here, too
            return x

    model = torch.nn.Sequential(
        torch.nn.BatchNorm1d(3),
        torch.nn.Linear(3, 4, bias=False),
        torch.nn.Dropout(0.9),
        Recorder(),
    )
    with torch.no_grad():
        model[1].weight.copy_(w)
    model[1].weight.grad = torch.ones_like(w)
    return model.to(device).train(training)


def the_model_after_evaluate(student, model, w):
    """A probe: the model's mode, and what evaluate() may have changed in it."""
    import torch

    grad = model[1].weight.grad
    return {
        "training": model.training and all(part.training for part in model),
        "evaluating": not any(part.training for part in model.modules()),
        "graph": model[3].saw_graph,
        "statistics": bool(model[0].running_mean.any()),
        "gradient": grad is None or not bool((grad == 1).all()),
        "weights": not torch.equal(model[1].weight.detach().cpu(), w),
    }


def test_evaluate_leaves_the_model_alone(student, rng, device):
    """evaluate() is a float, without dropout, and leaves mode, statistics and gradients alone."""
    w = torch.tensor(rng.normal(size=(4, 3))).float()
    X = torch.tensor(rng.normal(size=(75, 3))).float()
    scores = X @ w.T
    y = torch.where(torch.arange(75) < 40, scores.argmax(dim=1), scores.argmin(dim=1))
    for training in (True, False):
        model = student.run(a_model_with_dropout, w, training, device)
        check(
            type(model) not in (list, tuple, dict),  # a nested one could not even be sent back
            what="a torch model",
            expected="an object of torch's",
            got="a collection of other values",
        )
        assert_close(
            student.evaluate(model, X, y),
            40 / 75,
            what="the accuracy of a model with a dropout layer",
            rtol=1e-6,
            mistakes={"it is the number of right answers": 40.0, "it is the error rate": 35 / 75},
        )
        found = student.run(the_model_after_evaluate, model, w)
        mode, other = ("training", "evaluation") if training else ("evaluation", "training")
        key = "training" if training else "evaluating"
        check(
            entry(found, key) is True,
            what=f"the mode of a model in {mode} mode, after evaluate()",
            expected=f"{mode} mode, as before",
            got=f"{other} mode, or parts in different modes",
        )
        for mark, what, expected, got in (
            ("graph", "the model's call in evaluate()", "one under no_grad", "one with a graph"),
            (
                "statistics",
                "the batch normalisation's running mean, after evaluate()",
                "one as it was",
                "a changed one: the model was in training mode",
            ),
            ("gradient", "a gradient, after evaluate()", "one as it was", "a changed one"),
            ("weights", "a parameter, after evaluate()", "one as it was", "a changed one"),
        ):
            check(entry(found, mark) is False, what=what, expected=expected, got=got)


def batches_and_losses_of_train_disk(student, X, y, seed, device):
    """A probe: the samples that train_disk learned from, in order, and their losses, by two runs.

    The model is linear. A batch counts when a gradient comes back from it; the first input is the
    number of the sample. torch's global state differs in the two runs, the generator does not.
    """
    import torch

    def one_run(global_seed):
        torch.manual_seed(global_seed)
        batches, values = [], []

        class Recorder(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.dense = torch.nn.Linear(2, 2)
                with torch.no_grad():
                    self.dense.weight.fill_(0.1)
                    self.dense.bias.copy_(torch.tensor([0.2, -0.1]))

            def forward(self, x):
                numbers = x[:, 0].detach().cpu().mul(len(X)).round().long()
                log_p = self.dense(x).log_softmax(dim=1)
                if log_p.requires_grad:
                    chosen = log_p.detach().cpu()[torch.arange(len(x)), y[numbers]]

                    def keep(gradient):
                        batches.append(numbers)
                        values.append(-chosen.mean().double())

                    log_p.register_hook(keep)
                return log_p

        generator = torch.Generator().manual_seed(seed)
        losses = student.train_disk(Recorder().to(device), X, y, generator)
        return losses, torch.cat(batches), torch.tensor([*map(len, batches)]), torch.stack(values)

    first, second = one_run(seed + 1), one_run(seed + 2)
    return {
        "losses": first[0],
        "order": first[1],
        "sizes": first[2],
        "values": first[3],
        "equal": torch.equal(first[1], second[1]),
    }


def test_train_disk_shuffles(student, rng, torch_seed, device):
    """train_disk shuffles by its generator in every epoch; its losses are means by epoch."""
    n = 600
    X = torch.tensor(rng.normal(size=(n, 2))).float()
    X[:, 0] = torch.arange(n) / n  # exact enough to find the number again
    y = torch.tensor(rng.integers(2, size=n))
    what = "the samples' order in train_disk"
    found = student.run(batches_and_losses_of_train_disk, X, y, torch_seed, device)
    order = assert_array(entry(found, "order"), shape=(None,), kind="it", what=what)
    check(
        len(order) >= 2 * n,
        what="the training in train_disk",
        expected="two epochs or more with all samples",
        got="fewer samples",
    )
    check(
        not np.array_equal(order[:n], np.arange(n)),
        what=what,
        expected="a shuffled one",
        got="the order in which the samples came",
    )
    check(
        not np.array_equal(order[:n], order[n : 2 * n]),
        what=what,
        expected="a new one in every epoch",
        got="the same one in the first two epochs",
    )
    check(
        entry(found, "equal") is True,
        what=what,
        expected="one drawn by the generator that is given",
        got="another one for a generator in the same state",
        hint="Pass the generator on: torch.randperm(n, generator=generator), or to a DataLoader.",
    )
    losses = entry(found, "losses")
    plain = type(losses) is list and all(
        type(loss) in (float, np.float64, np.float32) for loss in losses
    )
    check(
        plain and len(losses) > 1,
        what="the list that train_disk returns",
        expected="one float for each epoch",
        got="something else",
    )
    values = assert_array(
        entry(found, "values"), shape=(None,), kind="tf", what="the list of losses"
    )
    sizes = assert_array(
        entry(found, "sizes"), shape=values.shape, kind="ti", what="the list of batches"
    )
    check(
        len(values) >= len(losses),
        what="the number of batches with a gradient in train_disk",
        expected="at least one in each epoch",
        got=f"{len(values)} in {len(losses)} epochs",
    )
    if len(values) % len(losses):
        return  # several gradients for one step: no batch can be told from the next
    values, sizes = (np.reshape(each, (len(losses), -1)) for each in (values, sizes))
    over_batches = values.mean(axis=1)
    over_samples = (values * sizes).sum(axis=1) / sizes.sum(axis=1)
    right = (np.abs(each - losses) < 1e-3 * each for each in (over_batches, over_samples))
    last = np.allclose(losses, values[:, -1], rtol=1e-3)
    check(
        any(bool(close.all()) for close in right),
        what="the list of losses that train_disk returns",
        expected="the mean of each epoch's batches",
        got="the loss of each epoch's last batch" if last else "other numbers",
    )


def new_points_by_a_trained_disk_net(student, X, y, x_new, generator, device):
    """A probe: the classes that a DiskNet gives to new points after train_disk."""
    import torch

    model = student.DiskNet(generator).to(device)
    student.train_disk(model, X, y, generator)
    model.eval()
    with torch.no_grad():
        return model(x_new.to(device)).argmax(dim=1).cpu()


def test_disk_accuracy(student, rng, torch_seed, device, points):
    """A DiskNet trained on 4,000 points tells new points apart."""

    def sample(n):
        X = rng.uniform(-1, 1, size=(n, 2)).astype(np.float32)
        return torch.tensor(X), ((X.astype(float) ** 2).sum(axis=1) < R2).astype(np.int64)

    (X, y), (x_new, y_new) = sample(4000), sample(4000)
    generator = torch.Generator().manual_seed(torch_seed)
    assert_accuracy(
        student.run(new_points_by_a_trained_disk_net, X, torch.tensor(y), x_new, generator, device),
        y_new,
        ladder=[(0.97, 1.0), (0.94, 0.6), (0.85, 0.3)],
        points=points,
        stated=True,
        what="the accuracy on new points",
    )
