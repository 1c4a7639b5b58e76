"""Hidden tests of Problems 6.5 and 6.6: MyNet, accuracy and train, on the CPU or a GPU.

Labels of held-out images never leave the judge: predictions come back and are counted here.
"""

import numpy as np
import torch
import torch.nn.functional as F

from grader.testing import assert_accuracy, assert_array, assert_close, assert_equal, check

MNIST_IMAGES = 30_000  # of 60,000: enough for the threshold, half the time


def logits_of_mynet(student, x, seed, device):
    import torch

    torch.backends.cudnn.allow_tf32 = False
    torch.manual_seed(seed)
    net = student.MyNet()
    layers = (net.conv1, net.conv2, net.dense)
    parameters = [p.detach().clone() for layer in layers for p in (layer.weight, layer.bias)]
    with torch.no_grad():
        return net.to(device)(x.to(device)).cpu(), parameters


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
    logits, parameters = student.run(logits_of_mynet, x, torch_seed, device)
    shapes = [(32, 1, 3, 3), (32,), (64, 32, 3, 3), (64,), (10, 2304), (10,)]
    for parameter, shape in zip(parameters, shapes, strict=True):
        assert_array(parameter, shape=shape, kind="tf", what="a parameter of MyNet")
    expected = mynet(x, parameters)
    assert_close(
        logits,
        expected,
        what="the logits of MyNet",
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
    """The model's logits are its images' pixels."""
    import torch

    class Fickle(torch.nn.Flatten):
        recorded = False

        def forward(self, x):
            Fickle.recorded |= torch.is_grad_enabled()
            flat = super().forward(x)
            return -flat if self.training else flat

    dataset = torch.utils.data.TensorDataset(logits[:, None, None], labels)
    model = Fickle().train()
    return student.accuracy(model, dataset, batch_size=batch_size, device=device), Fickle.recorded


def made_up_logits(rng, n):
    """Logits (n, 4) and labels (n,): the first 5 are recognised wrongly, the rest right."""
    logits = torch.tensor(rng.permuted(np.tile(np.arange(4.0), (n, 1)), axis=1)).float()
    labels = logits.argmax(dim=1)
    labels[:5] = logits[:5].argsort(dim=1)[:, 2]  # the class with the second largest logit
    return logits, labels


def test_accuracy_of_known_predictions(student, rng, device):
    """accuracy counts the right samples of a made-up data set, without gradients or dropout."""
    logits, labels = made_up_logits(rng, 23)
    answer, recorded = student.run(accuracy_of_given_logits, logits, labels, 4, device)
    in_training = (-logits).argmax(dim=1) == labels
    assert_close(
        answer,
        18 / 23,
        what="the accuracy of a model with 18 of 23 right",
        rtol=1e-6,
        mistakes={
            "it is the mean over batches, in which the short last one weighs too much": 4.75 / 6,
            "it is a percentage": 1800 / 23,
            "it is the number of right samples, not their fraction": 18,
            "the short last batch is dropped": 15 / 20,
            "the short last batch is dropped, but its samples are counted": 15 / 23,
            "it is the fraction of wrong samples": 5 / 23,
            "the model is still in training mode": in_training.double().mean().item(),
        },
    )
    assert_equal(
        recorded,
        False,
        what="recording of gradients inside accuracy",
        hint="Call the model inside `with torch.no_grad():`.",
    )


def train_a_linear_model(student, weight, bias, x, y, epochs, batch_size, step_size, seed, device):
    """Train a linear model whose parameters are given; also which samples each batch held."""
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
    torch.manual_seed(seed)
    losses = student.train(
        model,
        torch.utils.data.TensorDataset(x, y),
        epochs=epochs,
        batch_size=batch_size,
        step_size=step_size,
        rng=torch.Generator().manual_seed(seed),
        device=device,
    )
    trained = model.dense.weight.detach().cpu()
    return losses, trained, model.batches, all(model.modes)


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
    plain = type(losses) is list and all(type(loss) in (float, np.float64) for loss in losses)
    check(
        plain and len(losses) == epochs,
        what="the losses that train returns",
        expected="a list with one float for each epoch",
        hint="loss.item() makes a float of a tensor with one number.",
    )
    return np.array(losses)


def test_train_takes_steps_of_adam(student, rng, torch_seed, device):
    """With all samples in one batch, train takes one step of Adam an epoch on the mean loss."""
    problem = linear_problem(rng, 13)
    _, trained, _, _ = student.run(train_a_linear_model, *problem, 4, 13, 0.05, torch_seed, device)
    kinds = {
        "gradients of earlier batches are still there: zero_grad is missing": "accumulate",
        "softmax is applied before the cross-entropy, which takes logits": "softmax",
        "the steps are those of plain gradient descent, not of Adam": "sgd",
    }
    assert_close(
        trained,
        full_batch_steps(*problem, 4, 0.05),
        what="the weights after four epochs",
        rtol=1e-3,
        atol=1e-5,
        mistakes={
            words: full_batch_steps(*problem, 4, 0.05, kind) for words, kind in kinds.items()
        },
    )


def test_train_uses_every_sample_once_an_epoch(student, rng, torch_seed, device):
    """Every epoch takes all samples once, shuffled, and counts each alike in the mean loss."""
    problem = linear_problem(rng, 23)
    losses, _, batches, in_training_mode = student.run(
        train_a_linear_model, *problem, 3, 5, 0.0, torch_seed, device
    )
    assert_equal(
        [len(batch) for batch in batches],
        3 * [5, 5, 5, 5, 3],
        what="the sizes of the batches of three epochs with 23 samples",
        mistakes={"the short last batch is dropped": 3 * [5, 5, 5, 5]},
    )
    order = np.concatenate(batches).reshape(3, 23)
    assert_equal(
        np.sort(order, axis=1),
        np.tile(np.arange(23.0), (3, 1)),
        what="the samples used in each epoch, sorted",
        hint="Go through a permutation of the samples instead of drawing with replacement.",
    )
    check(
        not np.array_equal(order[0], np.arange(23)) and not np.array_equal(order[0], order[1]),
        what="the order of the samples",
        expected="another order in every epoch",
        got="no new order",
        hint="DataLoader(..., shuffle=True) shuffles before every epoch.",
    )
    assert_equal(in_training_mode, True, what="the model being in training mode")
    weight, bias, x, y = problem
    each = F.cross_entropy(x.flatten(1) @ weight.T + bias, y, reduction="none").double().numpy()
    assert_close(
        numbers(losses, 3),
        np.full(3, each.mean()),  # with step size 0 the parameters stay as they are
        what="the losses of three epochs with step size 0",
        rtol=1e-4,
        atol=1e-6,
        batch_size=23,
        mistakes={"it is the sum of the batches' mean losses": np.full(3, 5 * each.mean())},
        hint="The short last batch holds fewer samples: weigh each batch's loss with its size.",
    )


def trained_predictions(student, X, y, X_test, stages, seed, device):
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
        name, n, ladder = "mnist", MNIST_IMAGES, [(0.97, 1.0), (0.94, 0.5)]
        stages = [{"epochs": 1, "batch_size": 16, "step_size": 1e-3}]
    else:
        name, n, ladder = "digits28", None, [(0.95, 1.0), (0.90, 0.5)]
        stages = [{"epochs": 6, "step_size": 2e-3}, {"epochs": 1, "step_size": 3e-4}]
    known, unseen = data.load(name, "train"), data.load(name, "test")
    predictions = student.run(
        trained_predictions,
        known["X"][:n],
        known["y"][:n],
        unseen["X"],
        stages,
        torch_seed,
        device,
    )
    assert_accuracy(
        predictions, unseen["y"], ladder=ladder, points=points, what="recognising unseen digits"
    )
