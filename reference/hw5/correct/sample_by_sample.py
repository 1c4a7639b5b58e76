"""Plain loops and lists, parameters kept one by one, momentum written by hand: no torch.optim."""

import math

import torch
from torch import nn


def leaf(z):
    copy = z.clone().detach()
    copy.requires_grad = True
    return copy


def gradient(f, z):
    x = leaf(z)
    f(x).backward()
    return x.grad.clone()


def kept_gradient(f, g, z):
    x = leaf(z)
    first = f(x)
    torch.set_grad_enabled(False)
    second = g(x)
    torch.set_grad_enabled(True)
    first.backward()
    return (first + second).detach(), x.grad


def accumulated_gradient(f, g, z):
    x = leaf(z)
    for function in (f, g):
        function(x).backward()
    return x.grad


def shared_tensor(a):
    return torch.asarray(a, copy=False)


def copied_tensor(a):
    return torch.from_numpy(a.copy())


def shared_array(t):
    return t.data.numpy()


def copied_array(t):
    result = shared_array(t.cpu())
    return result.copy()


class DiscreteMapping(torch.utils.data.Dataset):
    def __init__(self, A, B, n, noise, generator):
        self.samples = []
        for _ in range(n):
            k = int(torch.randint(0, len(A), (1,), generator=generator))
            x = A[k] + noise * torch.empty(A.shape[1]).normal_(generator=generator)
            self.samples.append((x, B[k], k))

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, i):
        x, t, _ = self.samples[i]
        return [x, t]

    def inputs(self):
        return torch.stack([x for x, _, _ in self.samples])

    def targets(self):
        return torch.stack([t for _, t, _ in self.samples])

    def classes(self):
        return torch.tensor([k for _, _, k in self.samples])


class Dense(nn.Module):
    """z = x Wᵀ + b with parameters of its own."""

    def __init__(self, d_in, d_out, generator, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(d_out, d_in, generator=generator) / math.sqrt(d_in))
        if bias:
            self.bias = nn.Parameter(torch.zeros(d_out))

    def forward(self, x):
        z = x @ self.weight.T
        return z + self.bias if hasattr(self, "bias") else z


class MappingNet(nn.Module):
    def __init__(self, generator):
        super().__init__()
        self.a = Dense(6, 10, generator, bias=False)
        self.b = Dense(10, 5, generator)
        self.c = Dense(5, 3, generator)

    def forward(self, x):
        z = self.c(self.b(self.a(x).sigmoid()).sigmoid())
        return z - z.logsumexp(dim=1, keepdim=True)


def nll_loss(log_p, classes):
    total = 0
    for row, k in zip(log_p, classes.tolist(), strict=True):
        total = total - row[k]
    return total / len(log_p)


def gradient_step(parameters, step_size):
    for theta in parameters:
        if theta.grad is not None:
            theta.data -= step_size * theta.grad
            theta.grad = None


def train_mapping(model, dataset, step_size, epochs):
    x, classes = dataset.inputs(), dataset.classes()
    rows = torch.arange(len(classes))
    losses = []
    model.zero_grad()
    for _ in range(epochs):
        loss = -model(x)[rows, classes].mean()
        loss.backward()
        gradient_step(model.parameters(), step_size)
        model.zero_grad()
        losses.append(loss.item())
    return losses


def generate_data(n, generator):
    X = (torch.rand((n, 2), generator=generator) - 0.5) * 2
    y = torch.zeros(n, dtype=torch.long)
    y[X[:, 0] ** 2 + X[:, 1] ** 2 < 2 / math.pi] = 1
    return X, y


class DiskNet(nn.Module):
    def __init__(self, generator):
        super().__init__()
        self.layers = nn.ModuleList(
            [Dense(2, 64, generator), Dense(64, 64, generator), Dense(64, 2, generator)]
        )

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = layer(x).clamp(min=0)
        return nn.functional.log_softmax(self.layers[-1](x), dim=-1)


def evaluate(model, X, y):
    mode = model.training
    model.train(False)
    device = next(model.parameters()).device
    with torch.no_grad():
        guesses = model(X.to(device)).max(dim=1).indices.cpu()
    model.train(mode)
    return float(sum(guesses == y.cpu())) / len(y)


def train_disk(model, X, y, generator):
    device = next(model.parameters()).device
    X, y = X.to(device), y.to(device)
    speed = [torch.zeros_like(p) for p in model.parameters()]
    losses, epochs = [], 30
    for epoch in range(epochs):
        step = 0.1 * (1 - epoch / epochs)
        order = torch.randperm(len(X), generator=generator).tolist()
        values = []
        for start in range(0, len(order), 100):
            pick = torch.tensor(order[start : start + 100], device=device)
            log_p = model(X[pick])
            loss = -log_p.gather(1, y[pick][:, None]).mean()
            slopes = torch.autograd.grad(loss, list(model.parameters()))
            with torch.no_grad():
                for p, v, g in zip(model.parameters(), speed, slopes, strict=True):
                    v.mul_(0.9).sub_(step * g)
                    p += v
            values.append(loss.item())
        losses.append(sum(values) / len(values))
    return losses


class RegressionNet(nn.Module):
    def __init__(self, generator):
        super().__init__()
        self.first = Dense(1, 250, generator)
        self.second = Dense(250, 250, generator)
        self.third = Dense(250, 1, generator)
        with torch.no_grad():
            self.first.bias.uniform_(-1, 1, generator=generator)

    def forward(self, x):
        return self.third(self.second(self.first(x).relu()).relu())


def mean_squared_error(y, t):
    return ((y - t) ** 2).sum() / 2 / y.shape[0]


def overfit(model, x, t, target):
    parameters = list(model.parameters())
    speed = [torch.zeros_like(p) for p in parameters]
    for _ in range(20000):
        loss = mean_squared_error(model(x), t)
        if loss < target:
            break
        slopes = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for p, v, g in zip(parameters, speed, slopes, strict=True):
                v.mul_(0.9).sub_(0.02 * g)
                p += v
    return float(loss)


def validation_split(n, n_validation, generator):
    validation = torch.randperm(n, generator=generator)[:n_validation].sort().values
    chosen = torch.zeros(n, dtype=torch.bool)
    chosen[validation] = True
    return torch.arange(n)[~chosen], validation


def weight_decay_step(parameters, step_size, decay):
    for theta in parameters:
        theta.data = theta.data - step_size * theta.grad - decay * theta.data


def penalised(loss, parameters, strength):
    for theta in parameters:
        loss = loss + strength / 2 * (theta * theta).sum()
    return loss


class EarlyStopping:
    def __init__(self, patience):
        self.patience = patience
        self.best = float("inf")
        self.kept = None
        self.bad = 0

    def update(self, loss, model):
        if loss < self.best:
            self.best = loss
            self.kept = [p.detach().clone() for p in model.parameters()]
            self.bad = 0
        else:
            self.bad += 1
        return self.bad == self.patience

    def restore(self, model):
        for p, kept in zip(model.parameters(), self.kept, strict=True):
            p.data.copy_(kept)


def fit_early_stopping(model, training, validation, step_size, max_epochs, patience):
    stopping = EarlyStopping(patience)
    parameters = list(model.parameters())
    history = []
    for _ in range(max_epochs):
        loss = mean_squared_error(model(training[0]), training[1])
        slopes = torch.autograd.grad(loss, parameters)
        for p, g in zip(parameters, slopes, strict=True):
            p.data -= step_size * g
        validation_loss = float(mean_squared_error(model(validation[0]), validation[1]))
        history.append((float(loss), validation_loss))
        if stopping.update(validation_loss, model):
            break
    stopping.restore(model)
    first, second = zip(*history, strict=True)
    return list(first), list(second)


quiz_answers = {"q1": "c", "q2": ["b", "d"], "q3": 133}
