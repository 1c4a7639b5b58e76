"""Hidden tests of hw5, problem 5.3: a network, its loss, and gradient descent by hand.

The oracle for a step is torch.optim.SGD, run here on a network with the same parameters.
"""

import numpy as np
import torch

from grader.testing import assert_accuracy, assert_array, assert_close

SIZES = (4, 6, 3)  # of the network that steps are compared on: none of the student's


def initial(student, generator):
    """A probe: all parameters of a new MappingNet, one after the other."""
    import torch

    net = student.MappingNet(generator)
    return torch.cat([theta.detach().reshape(-1) for theta in net.parameters()])


def output(student, generator, theta, x):
    """A probe: the output of a MappingNet with given parameters."""
    import torch

    net = student.MappingNet(generator)
    torch.nn.utils.vector_to_parameters(theta, net.parameters())
    with torch.no_grad():
        return net(x)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_mapping_net_output(student, rng, torch_seed):
    """MappingNet computes log-softmax(sigmoid(sigmoid(x Uᵀ) Vᵀ + b) Wᵀ + c), and NLL its loss."""
    generator = torch.Generator().manual_seed(torch_seed)
    start = student.run(initial, generator)
    start = assert_array(start, shape=(133,), kind="ft", what="all parameters")
    again = student.run(initial, generator)  # the generator travels by state: the same once more
    assert_close(again, torch.tensor(start), what="the parameters, drawn again")
    sizes = ((10, 6), (5, 10), (5,), (3, 5), (3,))
    u, v, b, w, c = parts = [rng.normal(size=size) for size in sizes]
    theta = torch.tensor(np.concatenate([p.ravel() for p in parts])).float()
    x = 3.0 * rng.normal(size=(7, 6))
    h = sigmoid(x @ u.T)
    z = sigmoid(h @ v.T + b) @ w.T + c
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    assert_close(
        student.run(output, generator, theta, torch.tensor(x).float()),
        torch.tensor(log_p).float(),
        what="the output of MappingNet",
        rtol=1e-4,
        atol=1e-5,
        mistakes={
            "softmax without logarithm": torch.tensor(np.exp(log_p)).float(),
            "no softmax at all": torch.tensor(z).float(),
            "softmax along the batch": torch.tensor(
                z - np.log(np.exp(z).sum(axis=0, keepdims=True))
            ).float(),
        },
    )
    classes = torch.tensor(rng.integers(3, size=7))
    log_p = torch.tensor(log_p)
    chosen = -log_p[torch.arange(7), classes]
    assert_close(
        student.nll_loss(log_p, classes),
        chosen.mean(),
        what="nll_loss",
        batch_size=7,
        mistakes={"the mean is over all N C elements": chosen.sum() / 21},
    )


def steps(student, theta, x, t, step_size, times):
    """A probe: parameters after each gradient_step on torch's own network, and marks."""
    import torch

    model = torch.nn.Sequential(
        torch.nn.Linear(4, 6), torch.nn.Tanh(), torch.nn.Linear(6, 3), torch.nn.LogSoftmax(1)
    ).double()
    torch.nn.utils.vector_to_parameters(theta.clone(), model.parameters())
    parameters = list(model.parameters())
    memory = [p.data_ptr() for p in parameters]
    unused = torch.nn.Parameter(torch.ones(2))  # has no gradient
    rows = []
    for _ in range(times):
        model.zero_grad()
        torch.nn.functional.nll_loss(model(x), t).backward()
        student.gradient_step(iter([*parameters, unused]), step_size)
        rows.append(torch.cat([p.detach().reshape(-1) for p in parameters]))
    kept = all(p.is_leaf and p.requires_grad and p.grad is not None for p in parameters)
    same = memory == [p.data_ptr() for p in parameters]
    marks = torch.tensor(
        [float(kept), float(same), float(unused.detach().sum())], dtype=torch.float64
    )
    return torch.cat([torch.stack(rows).reshape(-1), marks])


def network(theta):
    """The network of the probes, with its parameters."""
    n, h, c = SIZES
    model = torch.nn.Sequential(
        torch.nn.Linear(n, h), torch.nn.Tanh(), torch.nn.Linear(h, c), torch.nn.LogSoftmax(1)
    ).double()
    torch.nn.utils.vector_to_parameters(theta.clone(), model.parameters())
    return model


def by_sgd(theta, x, t, step_size, times, *, zero=True, uphill=False):
    """Losses before, and parameters after, each of torch.optim.SGD's steps."""
    model = network(theta)
    optimiser = torch.optim.SGD(model.parameters(), lr=step_size, maximize=uphill)
    losses, rows = [], []
    for _ in range(times):
        if zero:
            optimiser.zero_grad()
        loss = torch.nn.functional.nll_loss(model(x), t)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        rows.append(torch.cat([p.detach().reshape(-1) for p in model.parameters()]))
    return torch.tensor(losses, dtype=torch.float64), torch.stack(rows)


def problem(rng):
    """Parameters, inputs and classes for the network of the probes."""
    theta = torch.tensor(0.5 * rng.normal(size=4 * 6 + 6 + 6 * 3 + 3))
    return theta, torch.tensor(rng.normal(size=(9, 4))), torch.tensor(rng.integers(3, size=9))


def test_gradient_step_equals_sgd(student, rng):
    """Five steps give the parameters of torch.optim.SGD after each, and work in place."""
    theta, x, t = problem(rng)
    _, expected = by_sgd(theta, x, t, 0.4, 5)
    _, ascent = by_sgd(theta, x, t, 0.4, 5, uphill=True)
    marks = torch.tensor([1.0, 1.0, 2.0], dtype=torch.float64)
    assert_close(
        student.run(steps, theta, x, t, 0.4, 5),
        torch.cat([expected.reshape(-1), marks]),
        what="the parameters after each of five steps, and three marks: parameters are still "
        "leaves with a gradient, in the same memory, and one without gradient is left alone",
        rtol=1e-9,
        mistakes={"the step goes up the gradient": torch.cat([ascent.reshape(-1), marks])},
        hint="θ -= ... under no_grad changes θ in place; θ = θ - ... makes a new tensor.",
    )


def trained(student, theta, x, t, step_size, epochs):
    """A probe: the losses of train_mapping and the parameters after it, on torch's own network."""
    import torch

    class Data:
        def inputs(self):
            return x

        def targets(self):
            return torch.nn.functional.one_hot(t, 3).double()

        def classes(self):
            return t

    model = torch.nn.Sequential(
        torch.nn.Linear(4, 6), torch.nn.Tanh(), torch.nn.Linear(6, 3), torch.nn.LogSoftmax(1)
    ).double()
    torch.nn.utils.vector_to_parameters(theta.clone(), model.parameters())
    losses = student.train_mapping(model, Data(), step_size, epochs)
    end = torch.cat([p.detach().reshape(-1) for p in model.parameters()])
    return torch.cat([torch.tensor(losses, dtype=torch.float64), end])


def test_train_mapping_equals_sgd(student, rng):
    """train_mapping gives the losses and the parameters of torch.optim.SGD on the whole batch."""
    theta, x, t = problem(rng)

    def result(**options):
        losses, rows = by_sgd(theta, x, t, 0.5, 6, **options)
        return torch.cat([losses, rows[-1]])

    assert_close(
        student.run(trained, theta, x, t, 0.5, 6),
        result(),
        what="the losses before each of six steps, and the parameters after them",
        rtol=1e-7,  # float32 losses would show, a different order of summation does not
        mistakes={
            "gradients of earlier steps are still in θ.grad": result(zero=False),
            "the step goes up the gradient": result(uphill=True),
        },
    )


def predictions(student, A, generator, x):
    """A probe: the classes that a MappingNet predicts for x after train_mapping."""
    import torch

    dataset = student.DiscreteMapping(A, torch.eye(3), 300, 0.2, generator)
    net = student.MappingNet(generator)
    student.train_mapping(net, dataset, 3.0, 600)
    with torch.no_grad():
        return net(x).argmax(dim=1)


def test_mapping_accuracy(student, rng, torch_seed, points):
    """A MappingNet learns three noisy patterns: 600 steps of 3.0."""
    A = torch.tensor([[1, 0, 0, 1, 0, 1], [0, 1, 0, 0, 1, 1], [0, 0, 1, 1, 1, 0]]).float()
    labels = rng.integers(3, size=500)
    x = A[labels] + 0.2 * torch.tensor(rng.normal(size=(500, 6))).float()
    generator = torch.Generator().manual_seed(torch_seed)
    assert_accuracy(
        student.run(predictions, A, generator, x),
        labels,
        ladder=[(0.99, 1.0), (0.95, 0.5)],
        points=points,
        what="the accuracy on new noisy patterns",
    )
