"""A correct homework 7 that asks autograd for single gradients and writes its formulas out."""

from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn.functional import logsigmoid


def pca(X, k):
    array = X.cpu().numpy()
    mean = array.mean(axis=0)
    _, _, vt = np.linalg.svd(array - mean)
    return torch.tensor(mean), torch.tensor(-vt[:k])


def pca_reconstruct(X, mean, components):
    X_hat = mean.expand_as(X).clone()
    for component in components:
        X_hat += torch.outer((X - mean) @ component, component)
    return X_hat


def reconstruction_error(X, X_hat):
    return float(torch.mean(torch.mean((X - X_hat).pow(2), dim=1)))


def dense(*sizes, activation):
    layers = []
    for n_in, n_out in pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), activation]
    return layers[:-1]


class Autoencoder(nn.Sequential):
    def __init__(self, d=64, n_hidden=128, n_latent=8):
        super().__init__(
            nn.Sequential(*dense(d, n_hidden, n_latent, activation=nn.ReLU())),
            nn.Sequential(*dense(n_latent, n_hidden, d, activation=nn.ReLU()), nn.Sigmoid()),
        )

    def encode(self, x):
        return self[0](x)

    def decode(self, z):
        return self[1](z)


def train_autoencoder(model, X, epochs=60, batch_size=64, step_size=3e-3, rng=None, device="cpu"):
    model.to(device)
    X = X.to(device)
    parameters = list(model.parameters())
    optimizer = torch.optim.Adam(parameters, lr=step_size)
    losses = []
    for epoch in range(1, epochs + 1):
        order = torch.randperm(X.shape[0], generator=rng).to(device)
        weighted = []
        for start in range(0, len(order), batch_size):
            x = X[order[start : start + batch_size]]
            loss = torch.mean((x - model.decode(model.encode(x))) ** 2)
            for parameter, g in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
                parameter.grad = g
            optimizer.step()
            weighted.append(loss.item() * x.shape[0] / X.shape[0])
        losses.append(float(np.sum(weighted)))
        if epoch % 20 == 0:
            print("epoch", epoch, "loss", losses[-1])
    return losses


def interpolate(z_a, z_b, n):
    rows = [z_a + (z_b - z_a) * (i / max(n - 1, 1)) for i in range(n)]
    return torch.stack(rows)


def interpolate_images(model, a, b, n):
    with torch.inference_mode():
        codes = interpolate(model.encode(a), model.encode(b), n)
        return model.decode(codes)


def latent_arithmetic(model, a, b, c):
    with torch.no_grad():
        z_a, z_b, z_c = (model.encode(x) for x in (a, b, c))
        return model.decode(z_a - z_b + z_c)


def discriminator_loss(real_logits, fake_logits):
    n, m = len(real_logits), len(fake_logits)
    return -logsigmoid(real_logits).sum() / n - logsigmoid(-fake_logits).sum() / m


def generator_loss_minimax(fake_logits):
    return torch.mean(logsigmoid(-fake_logits))


def generator_loss_nonsaturating(fake_logits):
    return torch.mean(-logsigmoid(fake_logits))


class Generator(nn.Module):
    def __init__(self, n_noise=2, n_hidden=64, d=2):
        super().__init__()
        self.n_noise = n_noise
        self.net = nn.Sequential(
            *dense(n_noise, n_hidden, n_hidden, d, activation=nn.LeakyReLU(negative_slope=0.2))
        )

    def forward(self, noise):
        return self.net(noise)


class Discriminator(nn.Module):
    def __init__(self, d=2, n_hidden=64):
        super().__init__()
        self.net = nn.Sequential(
            *dense(d, n_hidden, n_hidden, 1, activation=nn.LeakyReLU(negative_slope=0.2)),
            nn.Flatten(start_dim=0),
        )

    def forward(self, x):
        return self.net(x)


def _descend(loss, net, optimizer):
    parameters = list(net.parameters())
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    optimizer.step()
    return loss.item()


def discriminator_step(discriminator, generator, optimizer, real, noise):
    loss = discriminator_loss(discriminator(real), discriminator(generator(noise)))
    return _descend(loss, discriminator, optimizer)


def generator_step(discriminator, generator, optimizer, noise):
    loss = generator_loss_nonsaturating(discriminator(generator(noise)))
    return _descend(loss, generator, optimizer)


def sample_mixture(n, centres, sigma, rng):
    uniform = torch.rand(n, generator=rng)
    which = (uniform * len(centres)).long()
    points = torch.empty(n, centres.shape[1], dtype=centres.dtype)
    points.normal_(generator=rng)
    return points * sigma + centres[which]


def generate(generator, n, rng, device="cpu"):
    generator.to(device)
    with torch.inference_mode():
        return generator(torch.randn(n, generator.n_noise, generator=rng).to(device))


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
    generator.to(device)
    discriminator.to(device)
    adam = {"betas": (0.5, 0.9)}
    opt_g = torch.optim.Adam(generator.parameters(), lr=step_size_generator, **adam)
    opt_d = torch.optim.Adam(discriminator.parameters(), lr=step_size_discriminator, **adam)
    schedules = [
        torch.optim.lr_scheduler.LambdaLR(opt, lambda t: 1 - t / steps) for opt in (opt_g, opt_d)
    ]
    pairs = []
    for step in range(steps):
        real = data[torch.randint(len(data), [batch_size], generator=rng)].to(device)
        for_d = torch.randn(batch_size, generator.n_noise, generator=rng).to(device)
        loss_d = discriminator_step(discriminator, generator, opt_d, real, for_d)
        for_g = torch.randn(batch_size, generator.n_noise, generator=rng).to(device)
        pairs.append((loss_d, generator_step(discriminator, generator, opt_g, for_g)))
        for schedule in schedules:
            schedule.step()
        if step % 500 == 499:
            print("step", step + 1, *pairs[-1])
    return pairs


quiz_answers = {"q1": "B", "q2": "c", "q3": float(np.log(2)), "q4": ("a", "c")}
