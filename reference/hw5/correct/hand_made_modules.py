"""Modules that hold bare parameter tensors, hooks of in-place torch functions, foreach updates."""

from copy import deepcopy
from itertools import pairwise
from math import pi, sqrt

import torch
from torch import nn
from torch.utils.data import Dataset


def differentiate(z, *functions):
    x = torch.zeros_like(z).copy_(z.detach()).requires_grad_()
    for f in functions:
        torch.autograd.backward(f(x))
    return x.grad


def gradient(f, z):
    return differentiate(z, f)


def kept_gradient(f, g, z):
    value = torch.zeros((), dtype=z.dtype)

    def total(x):
        y = f(x)
        with torch.inference_mode():
            value.copy_(y + g(x))
        return y

    return value, differentiate(z, total)[...]


def accumulated_gradient(f, g, z):
    return differentiate(z, f, g)


def shared_tensor(a):
    return torch.from_dlpack(a)


def copied_tensor(a):
    return torch.asarray(a, copy=True)


def shared_array(t):
    return t.numpy(force=True)


def copied_array(t):
    return t.clone().numpy(force=True)


class DiscreteMapping(Dataset):
    def __init__(self, A, B, n, noise, generator):
        (d_in, d_out), k = (A.shape[1], B.shape[1]), len(A)
        u = torch.rand(n, generator=generator)
        self._classes = (u * k).long().clamp(max=k - 1)
        self._table = torch.cat([A, B], dim=1)[self._classes]
        self._table[:, :d_in] += torch.randn((n, d_in), generator=generator) * noise
        self._sizes = (d_in, d_out)

    def __len__(self):
        return self._table.shape[0]

    def __getitem__(self, i):
        return torch.split(self._table[i], self._sizes)

    def inputs(self):
        return self._table[:, : self._sizes[0]]

    def targets(self):
        return self._table[:, self._sizes[0] :]

    def classes(self):
        return self._classes


class Chain(nn.Module):
    """Dense layers of the given sizes; `between` is applied between them."""

    def __init__(self, sizes, between, generator, first_bias=True):
        super().__init__()
        self.between = between
        self.layers = nn.ModuleList()
        for k, (d_in, d_out) in enumerate(pairwise(sizes)):
            layer = nn.Linear(d_in, d_out, bias=first_bias or k > 0)
            for theta in layer.parameters():
                theta.data = torch.rand(theta.shape, generator=generator) * 2 - 1
                theta.data /= sqrt(d_in)
            self.layers.append(layer)

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = self.between(layer(x))
        return self.layers[-1](x)


class MappingNet(Chain):
    def __init__(self, generator):
        super().__init__((6, 10, 5, 3), torch.sigmoid, generator, first_bias=False)

    def forward(self, x):
        return super().forward(x).log_softmax(-1)


class DiskNet(Chain):
    def __init__(self, generator):
        super().__init__((2, 64, 64, 2), torch.relu, generator)

    def forward(self, x):
        return super().forward(x).log_softmax(-1)


class RegressionNet(Chain):
    def __init__(self, generator):
        super().__init__((1, 250, 250, 1), torch.relu, generator)


def nll_loss(log_p, classes):
    chosen = nn.functional.one_hot(classes, log_p.shape[1]).to(log_p.dtype)
    return -(log_p * chosen).sum() / len(classes)


def gradient_step(parameters, step_size):
    with torch.no_grad():
        moved = [theta for theta in parameters if theta.grad is not None]
        torch._foreach_add_(moved, [theta.grad for theta in moved], alpha=-step_size)


def train_mapping(model, dataset, step_size, epochs):
    def one():
        for theta in model.parameters():
            if theta.grad is not None:
                theta.grad.zero_()
        loss = nll_loss(model(dataset.inputs()), dataset.classes())
        loss.backward()
        gradient_step(model.parameters(), step_size)
        return loss.item()

    return [one() for _ in range(epochs)]


def generate_data(n, generator):
    X = torch.stack([torch.rand(n, generator=generator) for _ in range(2)], dim=1).mul(2).sub(1)
    return X, torch.where(torch.hypot(X[:, 0], X[:, 1]) < sqrt(2 / pi), 1, 0)


def evaluate(model, X, y):
    model = deepcopy(model).eval()
    device = next(iter(model.parameters())).device
    with torch.inference_mode():
        right = torch.eq(model(X.to(device)).argmax(-1).cpu(), y.cpu())
    return right.sum().item() / right.numel()


def train_disk(model, X, y, generator):
    device = next(model.parameters()).device
    optimiser = torch.optim.RMSprop(model.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 20)
    losses = []
    for _ in range(20):
        epoch = []
        for batch in torch.randperm(len(X), generator=generator).chunk(40):
            loss = nll_loss(model(X[batch].to(device)), y[batch].to(device))
            model.zero_grad()
            loss.backward()
            optimiser.step()
            epoch.append(loss.detach())
        schedule.step()
        losses.append(float(torch.stack(epoch).mean()))
    return losses


def mean_squared_error(y, t):
    return nn.functional.mse_loss(y, t) * y.shape[1] / 2


def overfit(model, x, t, target):
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.997)
    error = float("inf")
    for _ in range(3000):
        optimiser.zero_grad()
        loss = mean_squared_error(model(x), t)
        error = loss.item()
        if error <= target:
            return error
        loss.backward()
        optimiser.step()
        schedule.step()
    return error


def validation_split(n, n_validation, generator):
    keys = torch.rand(n, generator=generator)
    order = keys.argsort()
    training, validation = order.tensor_split([n - n_validation])
    return training, validation


def weight_decay_step(parameters, step_size, decay):
    with torch.no_grad():
        for theta in parameters:
            theta.copy_((1 - decay) * theta - step_size * theta.grad)


def penalised(loss, parameters, strength):
    squares = torch.stack([torch.linalg.vector_norm(theta) ** 2 for theta in parameters])
    return loss + squares.sum() * (strength / 2)


class EarlyStopping:
    def __init__(self, patience):
        self.history, self.patience = [], patience

    def update(self, loss, model):
        vector = nn.utils.parameters_to_vector(model.parameters()).detach().clone()
        self.history.append((loss, -len(self.history), vector))
        return len(self.history) - 1 + self._best()[1] >= self.patience

    def restore(self, model):
        nn.utils.vector_to_parameters(self._best()[2], model.parameters())

    def _best(self):
        """The lowest loss, and of equal ones the first."""
        return min(self.history, key=lambda entry: (entry[0], -entry[1]))


def fit_early_stopping(model, training, validation, step_size, max_epochs, patience):
    stopping = EarlyStopping(patience)
    losses = ([], [])
    for _ in range(max_epochs):
        model.zero_grad(set_to_none=False)
        loss = mean_squared_error(model(training[0]), training[1])
        loss.backward()
        gradient_step(model.parameters(), step_size)
        with torch.no_grad():
            loss_val = mean_squared_error(model(validation[0]), validation[1])
        losses[0].append(loss.item())
        losses[1].append(loss_val.item())
        if stopping.update(loss_val.item(), model):
            break
    stopping.restore(model)
    return losses


quiz_answers = {"q1": "c", "q2": ["b", "d"], "q3": 133}
