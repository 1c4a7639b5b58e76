"""Hidden tests of Problems 6.5 and 6.6: MyNet, accuracy and train, on the CPU or a GPU.

Labels of held-out images never leave the judge: predictions come back and are counted here.
"""

import numpy as np
import torch
import torch.nn.functional as F

from grader.testing import assert_accuracy, assert_array, assert_close, assert_equal, check


def entry(result, name):
    """One entry of what a probe returned, or nothing where it returned something else."""
    return result.get(name) if type(result) is dict else None


def logits_of_mynet(student, x, seed, device):
    """A probe: the logits of a new MyNet, and its parameters by name."""
    import torch

    torch.backends.cudnn.allow_tf32 = False
    torch.manual_seed(seed)
    net = student.MyNet()
    parameters = {}
    for name in ("conv1", "conv2", "dense"):
        layer = getattr(net, name)
        parameters[f"{name}.weight"] = layer.weight.detach().clone()
        parameters[f"{name}.bias"] = layer.bias.detach().clone()
    with torch.no_grad():
        return {"logits": net.to(device)(x.to(device)).cpu(), **parameters}


def mynet(x, parameters, relus=(True, True), padding=1):
    """The network that the handout describes, with the student's own initial parameters."""
    w1, b1, w2, b2, w, b = parameters
    z = F.conv2d(x, w1, b1, padding=padding)
    h = F.max_pool2d(F.relu(z) if relus[0] else z, 2)
    z = F.conv2d(h, w2, b2)
    h = F.max_pool2d(F.relu(z) if relus[1] else z, 2)
    return h.flatten(1) @ w.T + b


def test_mynet_computes_its_layers(student, rng, torch_seed, device):
    """MyNet's logits are those of its layers: convolution, relu and pooling twice, then dense."""
    x = torch.tensor(rng.normal(size=(5, 1, 28, 28)), dtype=torch.float32)
    found = student.run(logits_of_mynet, x, torch_seed, device)
    shapes = {
        "conv1.weight": (32, 1, 3, 3),
        "conv1.bias": (32,),
        "conv2.weight": (64, 32, 3, 3),
        "conv2.bias": (64,),
        "dense.weight": (10, 2304),
        "dense.bias": (10,),
    }
    parameters = [
        torch.tensor(
            assert_array(entry(found, name), shape=shape, kind="tf", what=f"MyNet's {name}")
        ).float()
        for name, shape in shapes.items()
    ]
    expected = mynet(x, parameters)
    assert_close(
        entry(found, "logits"),
        expected,
        what="the tensor of MyNet's logits",
        rtol=1e-3,
        atol=1e-4,
        mistakes={
            "softmax is applied, but logits are asked for": expected.softmax(dim=1),
            "log-softmax is applied, but logits are asked for": expected.log_softmax(dim=1),
            "relu is applied to the logits": expected.relu(),
            "the first relu is missing": mynet(x, parameters, (False, True)),
            "the second relu is missing": mynet(x, parameters, (True, False)),
            "both relus are missing": mynet(x, parameters, (False, False)),
        },
    )


def accuracy_of_given_logits(student, logits, labels, batch_size, device):
    """A probe: accuracy for a model whose logits are its images' pixels, and if it recorded.

    In training mode the model turns the signs of the rows whose last logit is -2.
    """
    import torch

    class Fickle(torch.nn.Module):
        recorded = False

        def __init__(self):
            super().__init__()
            self.unused = torch.nn.Parameter(torch.zeros(1))  # tells the device

        def forward(self, x):
            Fickle.recorded |= torch.is_grad_enabled()
            flat = x.flatten(1)
            return torch.where(flat[:, -1:] == -2, -flat, flat) if self.training else flat

    dataset = torch.utils.data.TensorDataset(logits[:, None, None], labels)
    answer = student.accuracy(Fickle().train(), dataset, batch_size=batch_size, device=device)
    return {"accuracy": answer, "recorded": Fickle.recorded}


def made_up_logits(rng):
    """Logits (23, 5) and labels (23,): the first 5 are recognised wrongly, the other 18 rightly.

    The last logit is the smallest: -2 in the seven samples from the sixth on, else -1.
    """
    logits = torch.tensor(rng.permuted(np.tile(np.arange(5.0), (23, 1)), axis=1)).float()
    logits = torch.cat([logits[:, :4], -torch.ones(23, 1)], dim=1)
    logits[5:12, 4] = -2
    labels = logits.argmax(dim=1)
    labels[:5] = logits[:5].argsort(dim=1)[:, 3]  # the class with the second largest logit
    return logits, labels


def test_accuracy_of_known_predictions(student, rng, device):
    """accuracy counts the right samples of a made-up data set, without gradients or dropout."""
    logits, labels = made_up_logits(rng)
    found = student.run(accuracy_of_given_logits, logits, labels, 4, device)
    assert_close(
        entry(found, "accuracy"),
        18 / 23,
        what="the accuracy of a model that is right about some of the samples",
        rtol=1e-6,
        mistakes={
            "it is the mean over batches, in which the short last one weighs too much": 4.75 / 6,
            "it is a percentage": 1800 / 23,
            "it is the number of right samples, not their fraction": 18,
            "the short last batch is dropped": 15 / 20,
            "the short last batch is dropped, but its samples are counted": 15 / 23,
            "it is the fraction of wrong samples": 5 / 23,
            "the model is still in training mode": 11 / 23,
        },
    )
    check(
        entry(found, "recorded") is False,
        what="the model's call in accuracy",
        expected="one under torch.no_grad()",
        got="one that records gradients",
    )


def a_linear_model_after_train(
    student, weight, bias, x, y, epochs, batch_size, step_size, seed, device, global_seed=0
):
    """A probe: train a linear model whose parameters are given; which samples each batch held."""
    import torch

    class Recorder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.dense = torch.nn.Linear(weight.shape[1], weight.shape[0])
            self.batches = []
            self.modes = []

        def forward(self, x):
            if torch.is_grad_enabled():
                self.batches.append(x.flatten(1)[:, 0].tolist())  # pixel 0 numbers the samples
                self.modes.append(self.training)
            return self.dense(x.flatten(1))

    model = Recorder().eval()
    with torch.no_grad():
        model.dense.weight.copy_(weight)
        model.dense.bias.copy_(bias)
    torch.manual_seed(global_seed)
    losses = student.train(
        model,
        torch.utils.data.TensorDataset(x, y),
        epochs=epochs,
        batch_size=batch_size,
        step_size=step_size,
        rng=torch.Generator().manual_seed(seed),
        device=device,
    )
    return {
        "losses": losses,
        "weight": model.dense.weight.detach().cpu(),
        "sizes": [len(batch) for batch in model.batches],
        "order": torch.tensor([number for batch in model.batches for number in batch]),
        "training": all(model.modes),
    }


def linear_problem(rng, n):
    """weight (3, 8), bias (3,), images (n, 1, 2, 4) whose first pixels are 0, 1, ..., labels."""
    x = torch.tensor(rng.normal(size=(n, 1, 2, 4))).float()
    x[:, 0, 0, 0] = torch.arange(n)
    weight = torch.tensor(rng.normal(size=(3, 8)) / 4).float()
    bias = torch.tensor(rng.normal(size=3)).float()
    return weight, bias, x, torch.tensor(rng.integers(0, 3, size=n))


def full_batch_steps(weight, bias, x, y, steps, step_size, kind="adam"):
    """The weight after `steps` steps with all samples in one batch (Kingma and Ba, 2015)."""
    theta = [weight.clone(), bias.clone()]
    total, m, v = ([torch.zeros_like(p) for p in theta] for _ in range(3))
    for t in range(1, steps + 1):
        leaves = [p.clone().requires_grad_() for p in theta]
        logits = F.linear(x.flatten(1), *leaves)
        loss = F.cross_entropy(logits.softmax(dim=1) if kind == "softmax" else logits, y)
        for i, g in enumerate(torch.autograd.grad(loss, leaves)):
            total[i] = total[i] + g if kind == "accumulate" else g
            m[i] = 0.9 * m[i] + 0.1 * total[i]
            v[i] = 0.999 * v[i] + 0.001 * total[i] ** 2
            step = m[i] / (1 - 0.9**t) / ((v[i] / (1 - 0.999**t)).sqrt() + 1e-8)
            theta[i] = theta[i] - step_size * (g if kind == "sgd" else step)
    return theta[0]


def numbers(losses, epochs):
    """The losses that train returned as an array, once they are a list of plain numbers."""
    plain = type(losses) is list and all(
        type(loss) in (float, np.float64, np.float32) for loss in losses
    )
    check(
        plain,
        what="what train returns",
        expected="a list of floats",
        got="something else",
        hint="loss.item() makes a float of a tensor with one number.",
    )
    check(
        len(losses) == epochs,
        what="the list of losses that train returns",
        expected=f"one for each of {epochs} epochs",
        got=f"{len(losses)} of them",
    )
    return np.array(losses)


def test_train_takes_steps_of_adam(student, rng, torch_seed, device):
    """With all samples in one batch, train takes one step of Adam an epoch on the mean loss."""
    problem = linear_problem(rng, 13)
    found = student.run(a_linear_model_after_train, *problem, 4, 13, 0.05, torch_seed, device)
    kinds = {
        "gradients of earlier batches are still there: zero_grad is missing": "accumulate",
        "softmax is applied before the cross-entropy, which takes logits": "softmax",
        "the steps are those of plain gradient descent, not of Adam": "sgd",
    }
    assert_close(
        entry(found, "weight"),
        full_batch_steps(*problem, 4, 0.05),
        what="the matrix of weights after four epochs",
        rtol=1e-3,
        atol=1e-5,
        mistakes={
            words: full_batch_steps(*problem, 4, 0.05, kind) for words, kind in kinds.items()
        },
    )


def test_train_uses_every_sample_once_an_epoch(student, rng, torch_seed, device):
    """Every epoch takes all samples once, in an order drawn from rng, and counts each alike."""
    problem = linear_problem(rng, 23)
    case = (*problem, 3, 5, 0.0, torch_seed, device)
    found = student.run(a_linear_model_after_train, *case)
    assert_equal(
        entry(found, "sizes"),
        3 * [5, 5, 5, 5, 3],
        what="the list of the batches' sizes, in three epochs with 23 samples,",
        mistakes={
            "the short last batch is dropped": 3 * [5, 5, 5, 5],
            "there is an epoch too few": 2 * [5, 5, 5, 5, 3],
        },
    )
    order = assert_array(entry(found, "order"), shape=(69,), kind="tf", what="the samples used")
    order = order.reshape(3, 23)
    check(
        np.array_equal(np.sort(order, axis=1), np.tile(np.arange(23.0), (3, 1))),
        what="the set of samples of an epoch",
        expected="every sample once",
        got="some samples several times and others never",
        hint="Go through a permutation of the samples instead of drawing with replacement.",
    )
    check(
        not np.array_equal(order[0], np.arange(23)) and not np.array_equal(order[0], order[1]),
        what="the order of the samples",
        expected="another order in every epoch",
        got="no new order",
        hint="DataLoader(..., shuffle=True) shuffles before every epoch.",
    )
    again = student.run(a_linear_model_after_train, *case, global_seed=1)
    again = assert_array(entry(again, "order"), shape=(69,), kind="tf", what="the samples used")
    check(
        np.array_equal(again, order.ravel()),
        what="the order of the samples for an rng in the same state",
        expected="the same order",
        got="another one: it is drawn from torch's global state",
        hint="DataLoader(..., shuffle=True, generator=rng) and torch.randperm(n, generator=rng) "
        "draw from rng.",
    )
    check(
        entry(found, "training") is True,
        what="the model's mode during training",
        expected="training mode, by model.train()",
        got="evaluation mode",
    )
    weight, bias, x, y = problem
    each = F.cross_entropy(x.flatten(1) @ weight.T + bias, y, reduction="none").double().numpy()
    batches = [np.split(each[samples.astype(int)], [5, 10, 15, 20]) for samples in order]
    means = np.array([[batch.mean() for batch in epoch] for epoch in batches])  # (3, 5)
    assert_close(
        numbers(entry(found, "losses"), 3),
        np.full(3, each.mean()),  # with step size 0 the parameters stay as they are
        what="the list of losses of three epochs with step size 0",
        rtol=1e-4,
        atol=1e-6,
        batch_size=23,
        mistakes={
            "it is the mean over batches, in which the short last one weighs too much": (
                means.mean(axis=1)
            ),
            "it is the sum of the batches' mean losses": means.sum(axis=1),
            "it is the loss of the last batch": means[:, -1],
        },
    )


def classes_predicted_after_train(student, X, y, X_test, stages, seed, device):
    """Train MyNet on uint8 images X with labels y; the classes it gives to the images X_test.

    `stages` lists the arguments of one call of train after the other.
    """
    import torch

    torch.manual_seed(seed)
    net = student.MyNet()
    images = torch.tensor(X, dtype=torch.float32)[:, None] / 255
    dataset = torch.utils.data.TensorDataset(images, torch.tensor(y))
    rng = torch.Generator().manual_seed(seed)
    for settings in stages:
        student.train(net, dataset, rng=rng, device=device, **settings)
    net.to(device).eval()
    unseen = torch.tensor(X_test, dtype=torch.float32)[:, None] / 255
    with torch.no_grad():
        return torch.cat([net(part.to(device)).argmax(dim=1).cpu() for part in unseen.split(500)])


def test_trained_network_recognises_digits(student, data, torch_seed, device, points):
    """MyNet, trained by train, recognises handwritten digits that it has not seen."""
    if "mnist" in data.available():
        name, ladder = "mnist", [(0.97, 1.0), (0.94, 0.5)]
        stages = [{"epochs": 1, "batch_size": 64, "step_size": 2e-3}]
    else:
        name, ladder = "digits28", [(0.95, 1.0), (0.90, 0.5)]
        stages = [{"epochs": 6, "step_size": 2e-3}, {"epochs": 1, "step_size": 3e-4}]
    known, unseen = data.load(name, "train"), data.load(name, "test")
    predictions = student.run(
        classes_predicted_after_train,
        known["X"],
        known["y"],
        unseen["X"],
        stages,
        torch_seed,
        device,
    )
    assert_accuracy(
        predictions,
        unseen["y"],
        ladder=ladder,
        points=points,
        stated=True,
        what="reading unseen digits",
    )
