"""A correct homework 7: PCA from the covariance; the discriminator is frozen and thawed again."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def pca(X, k):
    mean = X.sum(0) / len(X)
    covariance = (X - mean).T @ (X - mean) / (len(X) - 1)
    _, vectors = torch.linalg.eigh(covariance)  # the smallest variance comes first
    return [mean, vectors.flip(1)[:, :k].T.contiguous()]


def pca_reconstruct(X, mean, components):
    return X - (X - mean) + (X - mean) @ (components.T @ components)


def reconstruction_error(X, X_hat):
    return F.mse_loss(X_hat, X).item()


class Autoencoder(nn.Module):
    def __init__(self, d=64, n_hidden=128, n_latent=8):
        super().__init__()
        self.hidden_in = nn.Linear(d, n_hidden)
        self.code = nn.Linear(n_hidden, n_latent)
        self.hidden_out = nn.Linear(n_latent, n_hidden)
        self.out = nn.Linear(n_hidden, d)

    def encode(self, x):
        return self.code(torch.relu(self.hidden_in(x)))

    def decode(self, z):
        return torch.sigmoid(self.out(torch.relu(self.hidden_out(z))))

    def forward(self, x):
        return self.decode(self.encode(x))


def train_autoencoder(model, X, epochs=60, batch_size=64, step_size=3e-3, rng=None, device="cpu"):
    model = model.to(device)
    loader = DataLoader(TensorDataset(X), batch_size, shuffle=True, generator=rng)
    optimizer = torch.optim.Adam(model.parameters(), lr=step_size)
    history = []
    for epoch in range(epochs):
        squares, n = 0.0, 0
        for (x,) in loader:
            x = x.to(device)
            model.zero_grad()
            loss = (model(x) - x).square().mean()
            loss.backward()
            optimizer.step()
            squares, n = squares + loss.item() * x.numel(), n + x.numel()
        history.append(np.float32(squares / n))
        print(epoch, history[-1])
    return history


def interpolate(z_a, z_b, n):
    return torch.stack([torch.lerp(z_a, z_b, i / (n - 1)) for i in range(n)])


@torch.no_grad()
def interpolate_images(model, a, b, n):
    codes = interpolate(model.encode(a[None])[0], model.encode(b[None])[0], n)
    return torch.cat([model.decode(code[None]) for code in codes])


def latent_arithmetic(model, a, b, c):
    code = model.encode(c) + (model.encode(a) - model.encode(b))
    return model.decode(code).detach()


def _binary(logits, target):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def discriminator_loss(real_logits, fake_logits):
    return _binary(real_logits, 1.0) + _binary(fake_logits, 0.0)


def generator_loss_minimax(fake_logits):
    return -_binary(fake_logits, 0.0)


def generator_loss_nonsaturating(fake_logits):
    return _binary(fake_logits, 1.0)


class Generator(nn.Module):
    def __init__(self, n_noise=2, n_hidden=64, d=2):
        super().__init__()
        self.n_noise = n_noise
        self.first = nn.Linear(n_noise, n_hidden)
        self.second = nn.Linear(n_hidden, n_hidden)
        self.third = nn.Linear(n_hidden, d)

    def forward(self, noise):
        h = F.leaky_relu(self.first(noise), 0.2)
        h = F.leaky_relu(self.second(h), 0.2)
        return self.third(h)


class Discriminator(Generator):
    def __init__(self, d=2, n_hidden=64):
        super().__init__(d, n_hidden, 1)

    def forward(self, x):
        return super().forward(x)[:, 0]


def discriminator_step(discriminator, generator, optimizer, real, noise):
    with torch.no_grad():
        fake = generator(noise)
    optimizer.zero_grad()
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    loss.backward()
    optimizer.step()
    return float(loss.detach())


def generator_step(discriminator, generator, optimizer, noise):
    for parameter in discriminator.parameters():
        parameter.requires_grad = False
    optimizer.zero_grad()
    loss = generator_loss_nonsaturating(discriminator(generator(noise)))
    loss.backward()
    optimizer.step()
    for parameter in discriminator.parameters():
        parameter.requires_grad = True
    return loss.item()


def sample_mixture(n, centres, sigma, rng):
    weights = torch.ones(len(centres))
    which = torch.multinomial(weights, n, replacement=True, generator=rng)
    means = centres.index_select(0, which)
    return torch.normal(means, torch.full_like(means, sigma), generator=rng)


def generate(generator, n, rng, device="cpu"):
    noise = torch.randn((n, generator.n_noise), generator=rng)
    return generator.to(device)(noise.to(device)).detach()


def train_gan(
    generator,
    discriminator,
    data,
    steps=2000,
    batch_size=128,
    step_size_generator=5e-4,
    step_size_discriminator=1e-3,
    rng=None,
    device="cpu",
):
    generator, discriminator = generator.to(device), discriminator.to(device)
    optimizers = {}
    for net, step_size in (
        (generator, step_size_generator),
        (discriminator, step_size_discriminator),
    ):
        optimizers[net] = torch.optim.Adam(net.parameters(), step_size, betas=(0.5, 0.9))
    history = []
    while len(history) < steps:
        noise = torch.randn(2, batch_size, generator.n_noise, generator=rng).to(device)
        rows = torch.randint(0, data.shape[0], (batch_size,), generator=rng)
        real = data.index_select(0, rows).to(device)
        arguments = (discriminator, generator)
        for net, step_size in (
            (generator, step_size_generator),
            (discriminator, step_size_discriminator),
        ):
            for group in optimizers[net].param_groups:
                group["lr"] = step_size * (steps - len(history)) / steps
        loss_d = discriminator_step(*arguments, optimizers[discriminator], real, noise[0])
        loss_g = generator_step(*arguments, optimizers[generator], noise[1])
        history.append((loss_d, loss_g))
    return history


quiz_answers = {"q1": "b", "q2": "c", "q3": 0.6931, "q4": ["c", "a"]}
