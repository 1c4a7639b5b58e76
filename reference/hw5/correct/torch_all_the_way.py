"""Everything that torch offers: autograd.grad, Sequential, DataLoader, schedulers, random_split."""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset, TensorDataset, random_split


def gradient(f, z):
    x = z.detach().requires_grad_(True)
    (slope,) = torch.autograd.grad(f(x), x)
    return slope


@torch.no_grad()
def constant_part(g, z):
    return g(z)


def kept_gradient(f, g, z):
    x = z.detach().requires_grad_(True)
    total = f(x) + constant_part(g, x)
    return total.detach(), torch.autograd.grad(total, x)[0]


def accumulated_gradient(f, g, z):
    return gradient(f, z) + gradient(g, z)


def shared_tensor(a):
    return torch.as_tensor(a)


def copied_tensor(a):
    return torch.from_numpy(a).clone()


def shared_array(t):
    return np.asarray(t.detach())


def copied_array(t):
    return np.array(t.detach().cpu())


class DiscreteMapping(Dataset):
    def __init__(self, A, B, n, noise, generator):
        index = torch.multinomial(torch.ones(A.size(0)), n, replacement=True, generator=generator)
        clean = torch.index_select(A, 0, index)
        self.data = TensorDataset(
            torch.normal(clean, noise, generator=generator) if noise else clean, B[index], index
        )

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        return self.data[i][:2]

    def inputs(self):
        return self.data.tensors[0]

    def targets(self):
        return self.data.tensors[1]

    def classes(self):
        return self.data.tensors[2]


def linear(d_in, d_out, generator, bias=True):
    layer = torch.nn.Linear(d_in, d_out, bias=bias)
    bound = d_in**-0.5
    with torch.no_grad():
        for theta in layer.parameters():
            theta.uniform_(-bound, bound, generator=generator)
    return layer


class MappingNet(torch.nn.Sequential):
    def __init__(self, generator):
        super().__init__(
            linear(6, 10, generator, bias=False),
            torch.nn.Sigmoid(),
            linear(10, 5, generator),
            torch.nn.Sigmoid(),
            linear(5, 3, generator),
            torch.nn.LogSoftmax(dim=-1),
        )


def nll_loss(log_p, classes):
    return F.nll_loss(log_p, classes)


@torch.no_grad()
def gradient_step(parameters, step_size):
    for theta in parameters:
        if theta.grad is not None:
            theta.add_(theta.grad, alpha=-step_size)


def train_mapping(model, dataset, step_size, epochs):
    history = []
    for _ in range(epochs):
        ((x, _),) = DataLoader(dataset, batch_size=len(dataset))
        loss = nll_loss(model(x), dataset.classes())
        history.append(loss.item())
        for p in model.parameters():
            p.grad = None
        loss.backward()
        gradient_step(model.parameters(), step_size)
    return history


def generate_data(n, generator):
    X = torch.empty(n, 2).uniform_(-1, 1, generator=generator)
    return X, (X.norm(dim=1) <= (2 / torch.pi) ** 0.5).to(torch.int64)


class DiskNet(torch.nn.Sequential):
    def __init__(self, generator):
        super().__init__(
            linear(2, 64, generator),
            torch.nn.ReLU(),
            linear(64, 64, generator),
            torch.nn.ReLU(),
            linear(64, 2, generator),
            torch.nn.LogSoftmax(dim=1),
        )


@torch.inference_mode()
def evaluate(model, X, y):
    was_training = model.training
    model.eval()
    try:
        device = next(model.parameters()).device
        right = sum(
            int((model(x.to(device)).argmax(1) == t.to(device)).sum())
            for x, t in zip(X.split(32), y.split(32), strict=True)
        )
    finally:
        model.train(was_training)
    return right / len(y)


def train_disk(model, X, y, generator):
    device = next(model.parameters()).device
    loader = DataLoader(TensorDataset(X, y), batch_size=64, shuffle=True, generator=generator)
    epochs = 15
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=0.02, total_steps=epochs * len(loader)
    )
    losses = []
    model.train()
    for _ in range(epochs):
        total = 0.0
        for x, t in loader:
            optimiser.zero_grad(set_to_none=True)
            loss = nll_loss(model(x.to(device)), t.to(device))
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() / len(loader)
        losses.append(total)
    return losses


class RegressionNet(torch.nn.Sequential):
    def __init__(self, generator):
        super().__init__(
            linear(1, 250, generator),
            torch.nn.ReLU(),
            linear(250, 250, generator),
            torch.nn.ReLU(),
            linear(250, 1, generator),
        )


def mean_squared_error(y, t):
    return F.mse_loss(y, t, reduction="sum") / (2 * len(y))


def overfit(model, x, t, target):
    optimiser = torch.optim.LBFGS(
        model.parameters(), max_iter=40, line_search_fn="strong_wolfe", tolerance_change=0
    )

    def closure():
        optimiser.zero_grad()
        loss = mean_squared_error(model(x), t)
        loss.backward()
        return loss

    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    for attempt in range(3000):
        with torch.no_grad():
            error = mean_squared_error(model(x), t).item()
        if error < target:
            break
        (optimiser if attempt < 50 else adam).step(closure)  # LBFGS gets stuck now and then
    return error


def validation_split(n, n_validation, generator):
    parts = random_split(range(n), [n - n_validation, n_validation], generator=generator)
    return tuple(torch.tensor(list(part), dtype=torch.int64) for part in parts)


@torch.no_grad()
def weight_decay_step(parameters, step_size, decay):
    for theta in parameters:
        theta.mul_(1 - decay).sub_(theta.grad, alpha=step_size)


def penalised(loss, parameters, strength):
    everything = torch.nn.utils.parameters_to_vector(parameters)
    return loss + strength / 2 * everything.dot(everything)


class EarlyStopping:
    def __init__(self, patience):
        self.patience = patience
        self.losses = []
        self.best = None

    def update(self, loss, model):
        if not self.losses or loss < min(self.losses):
            self.best = copy.deepcopy(model.state_dict())
        self.losses.append(loss)
        return len(self.losses) - 1 - self.losses.index(min(self.losses)) >= self.patience

    def restore(self, model):
        model.load_state_dict(self.best)


def fit_early_stopping(model, training, validation, step_size, max_epochs, patience):
    optimiser = torch.optim.SGD(model.parameters(), lr=step_size)
    stopping = EarlyStopping(patience)
    train_losses, val_losses, stop = [], [], False
    while not stop and len(val_losses) < max_epochs:
        optimiser.zero_grad()
        loss = mean_squared_error(model(training[0]), training[1])
        loss.backward()
        optimiser.step()
        train_losses.append(loss.item())
        with torch.inference_mode():
            val_losses.append(mean_squared_error(model(validation[0]), validation[1]).item())
        stop = stopping.update(val_losses[-1], model)
    stopping.restore(model)
    return train_losses, val_losses


quiz_answers = {"q1": "c", "q2": ["d", "b"], "q3": 133.0}
