"""Hidden tests of hw5, problem 5.3: a network, its loss, and gradient descent by hand.

The oracle for a step is torch.optim.SGD, run here on a network with the same parameters.
"""

import numpy as np
import torch

from grader.testing import assert_accuracy, assert_array, assert_close, check

SIZES = (4, 6, 3)  # of the network that steps are compared on: none of the student's


def entry(result, name):
    """One entry of what a probe returned, or nothing where it returned something else."""
    return result.get(name) if type(result) is dict else None


def the_parameters_of_a_new_mapping_net(student, generator):
    """A probe: all parameters of a new MappingNet, one after the other."""
    import torch

    net = student.MappingNet(generator)
    return torch.cat([theta.detach().reshape(-1) for theta in net.parameters()])


def the_output_of_a_mapping_net(student, generator, theta, x):
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
    start, again = (  # equal states are sent as equal generators
        assert_array(
            student.run(the_parameters_of_a_new_mapping_net, generator),
            shape=(133,),
            kind="ft",
            what="the vector of all parameters of a MappingNet",
        )
        for _ in range(2)
    )
    check(
        np.array_equal(start, again),
        what="a second MappingNet from a generator in the same state",
        expected="the same parameters",
        got="other ones",
        hint="Pass the generator on: linear(6, 10, generator, bias=False).",
    )
    sizes = ((10, 6), (5, 10), (5,), (3, 5), (3,))
    u, v, b, w, c = parts = [rng.normal(size=size) for size in sizes]
    theta = torch.tensor(np.concatenate([p.ravel() for p in parts])).float()
    x = 3.0 * rng.normal(size=(7, 6))
    h = sigmoid(x @ u.T)
    z = sigmoid(h @ v.T + b) @ w.T + c
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    assert_close(
        student.run(the_output_of_a_mapping_net, generator, theta, torch.tensor(x).float()),
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


def parameters_after_each_gradient_step(student, theta, x, t, step_size, times):
    """A probe: parameters after each gradient_step on torch's own network, and marks.

    No optimiser of torch can be made meanwhile.
    """
    import torch

    model = torch.nn.Sequential(
        torch.nn.Linear(4, 6), torch.nn.Tanh(), torch.nn.Linear(6, 3), torch.nn.LogSoftmax(1)
    ).double()
    torch.nn.utils.vector_to_parameters(theta.clone(), model.parameters())
    parameters = list(model.parameters())
    memory = [p.data_ptr() for p in parameters]
    unused = torch.nn.Parameter(torch.ones(2))  # has no gradient
    made = []
    start = torch.optim.Optimizer.__init__

    def refuse(self, *args, **kwargs):
        made.append(type(self).__name__)
        raise RuntimeError("torch.optim is switched off here: the step is yours to write")

    torch.optim.Optimizer.__init__ = refuse
    rows = []
    try:
        for _ in range(times):
            model.zero_grad()
            torch.nn.functional.nll_loss(model(x), t).backward()
            student.gradient_step(iter([*parameters, unused]), step_size)
            rows.append(torch.cat([p.detach().reshape(-1) for p in parameters]))
    except RuntimeError:
        if not made:
            raise
        return {"optimiser": True}
    finally:
        torch.optim.Optimizer.__init__ = start
    return {
        "optimiser": bool(made),
        "rows": torch.stack(rows),
        "leaves": all(p.is_leaf and p.requires_grad for p in parameters),
        "memory": memory == [p.data_ptr() for p in parameters],
        "unused": unused.grad is None and bool((unused == 1).all()),
    }


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


def check_by_hand(result, what):
    """The step is written out, and not an optimiser of torch's."""
    check(
        entry(result, "optimiser") is not True,
        what=what,
        expected="a step by hand, without torch.optim",
        got="a step by an optimiser of torch.optim",
    )


def test_gradient_step_equals_sgd(student, rng):
    """Five steps by hand give the parameters of torch.optim.SGD after each, and work in place."""
    theta, x, t = problem(rng)
    _, expected = by_sgd(theta, x, t, 0.4, 5)
    _, ascent = by_sgd(theta, x, t, 0.4, 5, uphill=True)
    result = student.run(parameters_after_each_gradient_step, theta, x, t, 0.4, 5)
    check_by_hand(result, "gradient_step")
    for mark, wanted, got in (
        (
            "leaves",
            "parameters that are leaves and require gradients, as before",
            "parameters that are results of an operation, or require no gradient",
        ),
        ("memory", "a change in place", "parameters in other memory"),
        ("unused", "no change of a parameter without gradient", "a changed one"),
    ):
        check(entry(result, mark) is True, what="gradient_step", expected=wanted, got=got)
    assert_close(
        entry(result, "rows"),
        expected,
        what="the table of parameters, one row after each of five steps",
        rtol=1e-9,
        mistakes={
            "the step goes up the gradient": ascent,
            "the parameters have not moved: θ = θ - ... makes a new tensor and leaves the model "
            "as it was, where θ -= ... under no_grad changes it": theta.expand(5, -1),
        },
    )


def losses_and_parameters_of_train_mapping(student, theta, x, t, step_size, epochs):
    """A probe: the losses of train_mapping and the parameters after it, on torch's own network."""
    import torch

    class Data(torch.utils.data.Dataset):
        def __len__(self):
            return len(t)

        def __getitem__(self, i):
            return x[i], self.targets()[i]

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
    return {"losses": losses, "end": end}


def as_losses(losses, n, what):
    """The numbers that training returned, (n,), once they are a list of n floats."""
    plain = type(losses) is list and all(
        type(loss) in (float, np.float64, np.float32) for loss in losses
    )
    check(
        plain and len(losses) == n,
        what=what,
        expected="a list with one float for each epoch",
        got="something else",
        hint="loss.item() makes a float of a tensor with one number.",
    )
    return np.array(losses, dtype=np.float64)


def test_train_mapping_equals_sgd(student, rng):
    """train_mapping gives the losses and the parameters of torch.optim.SGD on the whole batch."""
    theta, x, t = problem(rng)

    def result(**options):
        losses, rows = by_sgd(theta, x, t, 0.5, 6, **options)
        return losses.numpy(), rows[-1]

    losses, end = result()
    piled_losses, piled_end = result(zero=False)
    up_losses, up_end = result(uphill=True)
    piled = "gradients of earlier steps are still in θ.grad"
    uphill = "the step goes up the gradient"
    later = by_sgd(theta, x, t, 0.5, 7)[0].numpy()[1:]
    found = student.run(losses_and_parameters_of_train_mapping, theta, x, t, 0.5, 6)
    assert_close(
        as_losses(entry(found, "losses"), 6, "the list of losses of train_mapping"),
        losses,
        what="the list of losses, each from before its step,",
        rtol=1e-7,  # float32 losses would show, a different order of summation does not
        mistakes={
            piled: piled_losses,
            uphill: up_losses,
            "each is the loss after its step, not before": later,
        },
    )
    assert_close(
        entry(found, "end"),
        end,
        what="the vector of all parameters after six steps",
        rtol=1e-7,
        mistakes={piled: piled_end, uphill: up_end, "the parameters have not moved": theta},
    )


def classes_predicted_after_train_mapping(student, A, generator, x):
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
        student.run(classes_predicted_after_train_mapping, A, generator, x),
        labels,
        ladder=[(0.99, 1.0), (0.95, 0.5)],
        points=points,
        what="the accuracy on new noisy patterns",
    )
