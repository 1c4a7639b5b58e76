"""A correct homework 7 that saves the discriminator's gradients and puts them back."""

import torch
from torch import nn


def pca(X, k):
    mean = torch.mean(X, dim=0, keepdim=True)
    V = torch.svd(X - mean).V
    return mean.squeeze(0), V.t()[0:k, :]


def pca_reconstruct(X, mean, components):
    codes = torch.einsum("nd,kd->nk", X - mean, components)
    return torch.einsum("nk,kd->nd", codes, components) + mean


def reconstruction_error(X, X_hat):
    return ((X_hat - X) * (X_hat - X)).sum().item() / X.numel()


class Autoencoder(nn.Module):
    def __init__(self, d=64, n_hidden=128, n_latent=8):
        super().__init__()
        self.layers = nn.ModuleList(
            [
                nn.Linear(d, n_hidden),
                nn.Linear(n_hidden, n_latent),
                nn.Linear(n_latent, n_hidden),
                nn.Linear(n_hidden, d),
            ]
        )

    def encode(self, x):
        return self.layers[1](self.layers[0](x).clamp(min=0))

    def decode(self, z):
        return self.layers[3](self.layers[2](z).clamp(min=0)).sigmoid()

    def forward(self, x):
        z = self.encode(x)
        return self.decode(z)


def train_autoencoder(model, X, epochs=60, batch_size=64, step_size=3e-3, rng=None, device="cpu"):
    model.to(device)
    model.train()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=step_size)
    epoch_losses = []
    for _ in range(epochs):
        shuffled = X[torch.randperm(len(X), generator=rng)].to(device)
        total = 0
        for batch in torch.split(shuffled, batch_size):
            loss = criterion(model(batch), batch)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            total += len(batch) * loss.item()
        epoch_losses.append(total / len(X))
        print("loss", epoch_losses[-1])
    return epoch_losses


def interpolate(z_a, z_b, n):
    t = torch.arange(n).to(z_a) / (n - 1)
    return torch.outer(1 - t, z_a) + torch.outer(t, z_b)


def interpolate_images(model, a, b, n):
    z = model.encode(torch.stack([a, b]))
    return model.decode(interpolate(z[0], z[1], n)).detach()


def latent_arithmetic(model, a, b, c):
    with torch.no_grad():
        z = model.encode(torch.stack([a, b, c]))
        return model.decode(z[0] - z[1] + z[2])


bce = nn.BCEWithLogitsLoss()


def discriminator_loss(real_logits, fake_logits):
    real = bce(real_logits, torch.ones_like(real_logits))
    fake = bce(fake_logits, torch.zeros_like(fake_logits))
    return real + fake


def generator_loss_minimax(fake_logits):
    return -torch.logaddexp(torch.zeros_like(fake_logits), fake_logits).mean()


def generator_loss_nonsaturating(fake_logits):
    return torch.logaddexp(torch.zeros_like(fake_logits), -fake_logits).mean()


class Generator(nn.Module):
    def __init__(self, n_noise=2, n_hidden=64, d=2):
        super().__init__()
        self.n_noise = n_noise
        self.fc1, self.fc2 = nn.Linear(n_noise, n_hidden), nn.Linear(n_hidden, n_hidden)
        self.fc3 = nn.Linear(n_hidden, d)
        self.act = nn.LeakyReLU(0.2)

    def forward(self, noise):
        return self.fc3(self.act(self.fc2(self.act(self.fc1(noise)))))


class Discriminator(nn.Module):
    def __init__(self, d=2, n_hidden=64):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(d, n_hidden), nn.Linear(n_hidden, n_hidden)
        self.fc3 = nn.Linear(n_hidden, 1)
        self.act = nn.LeakyReLU(0.2)

    def forward(self, x):
        return self.fc3(self.act(self.fc2(self.act(self.fc1(x))))).view(-1)


def discriminator_step(discriminator, generator, optimizer, real, noise):
    discriminator.zero_grad()
    fake = generator(noise)
    logits = discriminator(torch.cat([real, fake.detach()]))
    loss = discriminator_loss(logits[: len(real)], logits[len(real) :])
    loss.backward()
    optimizer.step()
    return loss.item()


def generator_step(discriminator, generator, optimizer, noise):
    saved = [None if p.grad is None else p.grad.clone() for p in discriminator.parameters()]
    generator.zero_grad()
    loss = generator_loss_nonsaturating(discriminator(generator(noise)))
    loss.backward()
    optimizer.step()
    for p, grad in zip(discriminator.parameters(), saved, strict=True):
        p.grad = grad
    return loss.item()


def sample_mixture(n, centres, sigma, rng):
    points = [
        centres[int(torch.randint(len(centres), (1,), generator=rng))]
        + sigma * torch.randn(centres.shape[1], generator=rng)
        for _ in range(n)
    ]
    return torch.stack(points)


def generate(generator, n, rng, device="cpu"):
    generator.eval()
    with torch.no_grad():
        samples = generator.to(device)(torch.randn(n, generator.n_noise, generator=rng).to(device))
    generator.train()
    return samples


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
    G, D = generator.to(device), discriminator.to(device)
    optimizer_G = torch.optim.Adam(G.parameters(), lr=step_size_generator, betas=(0.5, 0.9))
    optimizer_D = torch.optim.Adam(D.parameters(), lr=step_size_discriminator, betas=(0.5, 0.9))
    fall = {"start_factor": 1.0, "end_factor": 0.0, "total_iters": steps}
    schedules = [torch.optim.lr_scheduler.LinearLR(o, **fall) for o in (optimizer_G, optimizer_D)]
    history = []
    for step in range(steps):
        batch = (torch.rand(batch_size, generator=rng) * len(data)).long()
        z = torch.randn(batch_size, G.n_noise, generator=rng).to(device)
        loss_D = discriminator_step(D, G, optimizer_D, data[batch].to(device), z)
        z = torch.randn(batch_size, G.n_noise, generator=rng).to(device)
        loss_G = generator_step(D, G, optimizer_G, z)
        history.append([loss_D, loss_G])
        [schedule.step() for schedule in schedules]
        if step % 250 == 0:
            print(step, loss_D, loss_G)
    return history


quiz_answers = {"q1": "b", "q2": "c", "q3": 0.693, "q4": ["a", "c"]}
