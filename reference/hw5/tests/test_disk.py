"""Hidden tests of hw5, problem 5.4: data, network, evaluation and training on the disk.

The labels of the points that the trained network is judged on never leave this process.
"""

import numpy as np
import torch

from grader.testing import assert_accuracy, assert_array, assert_close, assert_equal, check

R2 = 2 / np.pi  # the squared radius of a disk with half the area of [-1, 1)²


def table(student, n, seed):
    """X and y side by side, (n, 3), for a seed of the generator."""
    result = student.run(side_by_side, n, torch.Generator().manual_seed(seed))
    return assert_array(result, shape=(n, 3), kind="ft", what="X and y")


def side_by_side(student, n, generator):
    """A probe: X and y side by side."""
    import torch

    X, y = student.generate_data(n, generator)
    return torch.cat([X, y[:, None].to(X.dtype)], dim=1)


def dtypes(student, generator):
    """A probe: the dtypes of X and y."""
    X, y = student.generate_data(10, generator)
    return [str(X.dtype), str(y.dtype)]


def test_disk_points_and_labels(student, torch_seed):
    """The points fill the square evenly, and the label is 1 exactly inside the circle."""
    n = 4000
    generator = torch.Generator().manual_seed(torch_seed)
    assert_equal(
        student.run(dtypes, generator), ["torch.float32", "torch.int64"], what="dtypes of X and y"
    )
    data = table(student, n, torch_seed).astype(float)
    x, y = data[:, :2], data[:, 2]
    r2 = (x**2).sum(axis=1)
    clear = np.abs(r2 - R2) > 1e-4
    assert_close(
        y[clear],
        (r2 < R2).astype(float)[clear],
        what="the labels",
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
    assert_close(table(student, n, torch_seed), data.astype(np.float32), what="the data, again")
    check(
        not np.array_equal(table(student, n, torch_seed + 1), data),
        what="the data of another seed",
        expected="other data",
    )


def output(student, generator, theta, x):
    """A probe: the output of a DiskNet with given parameters."""
    import torch

    net = student.DiskNet(generator)
    torch.nn.utils.vector_to_parameters(theta, net.parameters())
    with torch.no_grad():
        return net(x)


def shapes(student, generator):
    """A probe: the shapes of a DiskNet's parameters, in order."""
    return [list(theta.shape) for theta in student.DiskNet(generator).parameters()]


def test_disk_net(student, rng, torch_seed):
    """DiskNet has 2-64-64-2 nodes and computes logarithms of probabilities."""
    generator = torch.Generator().manual_seed(torch_seed)
    expected = [[64, 2], [64], [64, 64], [64], [2, 64], [2]]
    assert_equal(
        student.run(shapes, generator), expected, what="the shapes of DiskNet's parameters"
    )
    parts = [rng.normal(size=n) / np.sqrt(n / 64) for n in (128, 64, 4096, 64, 128, 2)]
    theta = torch.tensor(np.concatenate(parts)).float()
    x = h = rng.normal(size=(9, 2))
    for k in (0, 2, 4):
        w = parts[k].reshape(-1, h.shape[1])
        h = h @ w.T + parts[k + 1]
        if k < 4:
            h = np.maximum(h, 0.0)
    log_p = h - np.log(np.exp(h).sum(axis=1, keepdims=True))
    assert_close(
        student.run(output, generator, theta, torch.tensor(x).float()),
        torch.tensor(log_p).float(),
        what="the output of DiskNet",
        rtol=1e-4,
        atol=1e-5,
        mistakes={"no softmax at all": torch.tensor(h).float()},
    )


def build_model(student, w, training, device):
    """A probe: a classifier with normalisation and dropout, which holds a gradient."""
    import torch

    class Recorder(torch.nn.Module):
        def forward(self, x):
            self.saw_graph = torch.is_grad_enabled()
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


def traces(student, model):
    """A probe: the model's mode, and what evaluate() may have changed in it."""
    grad = model[1].weight.grad
    return {
        "training mode": model.training,
        "graph built": model[3].saw_graph,
        "running mean changed": bool(model[0].running_mean.any()),
        "gradient changed": grad is None or not bool((grad == 1).all()),
    }


def test_evaluate_leaves_the_model_alone(student, rng, device):
    """evaluate() is a float, without dropout, and leaves mode, statistics and gradients alone."""
    w = torch.tensor(rng.normal(size=(4, 3))).float()
    X = torch.tensor(rng.normal(size=(75, 3))).float()
    scores = X @ w.T
    y = torch.where(torch.arange(75) < 40, scores.argmax(dim=1), scores.argmin(dim=1))
    for training in (True, False):
        model = student.run(build_model, w, training, device)
        assert_close(
            student.evaluate(model, X, y),
            40 / 75,
            what="the accuracy of a model with a dropout layer",
            rtol=1e-6,
            mistakes={"it is the number of right answers": 40.0, "it is the error rate": 35 / 75},
        )
        assert_equal(
            student.run(traces, model),
            {
                "training mode": training,
                "graph built": False,
                "running mean changed": False,
                "gradient changed": False,
            },
            what=f"after evaluate() of a model in {'training' if training else 'evaluation'} mode,",
        )


def trained(student, X, y, x_new, generator, device):
    """A probe: what train_disk returns, the loss of the net then, its classes for new points."""
    import torch

    model = student.DiskNet(generator).to(device)
    losses = torch.tensor(student.train_disk(model, X, y, generator), dtype=torch.float64)
    model.eval()
    with torch.no_grad():
        loss = torch.nn.functional.nll_loss(model(X.to(device)), y.to(device)).cpu().double()
        classes = model(x_new.to(device)).argmax(dim=1).cpu()
    return {"losses": torch.cat([losses, loss.reshape(1)]), "classes": classes}


def entry(result, name):
    """One entry of what a probe returned, or nothing where it returned something else."""
    return result.get(name) if type(result) is dict else None


def test_disk_accuracy(student, rng, torch_seed, device, points):
    """A DiskNet trained on 4,000 points tells new points apart; the losses are means by epoch."""

    def sample(n):
        X = rng.uniform(-1, 1, size=(n, 2)).astype(np.float32)
        return torch.tensor(X), ((X.astype(float) ** 2).sum(axis=1) < R2).astype(np.int64)

    (X, y), (x_new, y_new) = sample(4000), sample(4000)
    generator = torch.Generator().manual_seed(torch_seed)
    result = student.run(trained, X, torch.tensor(y), x_new, generator, device)
    losses = entry(result, "losses")
    losses = assert_array(losses, shape=(None,), kind="ft", what="what train_disk returns")
    assert_accuracy(
        entry(result, "classes"),
        y_new,
        ladder=[(0.97, 0.85), (0.94, 0.5), (0.85, 0.25)],
        points=points,
        what="the accuracy on new points",
    )
    *epochs, final = losses
    # a mean over an epoch, and the loss of the net right after it: a factor of 10 is for noise
    right = len(epochs) > 0 and 0 < epochs[0] < 2 and final / 10 < epochs[-1] < 10 * final + 0.02
    points.award(
        0.15 if right else 0.0,
        f"the losses that train_disk returns {'fit' if right else 'do not fit'} the training",
    )
