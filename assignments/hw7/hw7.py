# %% [markdown]
# # Homework 7: Generative models
#
# Read the handout first: it holds the mathematics, the shapes and the points. It is `handout.md` in
# the homework's own folder; `grader start` says where that lies. Replace every
# `raise NotImplementedError(...)` by your own code and keep names and arguments as they are.
#
# Conventions: a batch is rows, `X: (N, d)`; a result has the dtype and the device of its input;
# randomness comes from the `torch.Generator` that a function is given; no function changes the
# tensors it is given. A loss is a mean over samples.

# %%
from contextlib import suppress

import torch
import torch.nn.functional as F
from torch import nn

# %% [markdown]
# ## Problem 7.1: Principal components, the yardstick


# %%
def pca(X, k):
    """The mean (d,) of the rows of X (N, d) and their first k principal components (k, d).

    The components are orthonormal rows, the direction of the largest variance first.
    """
    raise NotImplementedError("Problem 7.1: pca")


def pca_reconstruct(X, mean, components):
    """The points X (N, d) projected onto the components (k, d) through the mean (d,): (N, d)."""
    raise NotImplementedError("Problem 7.1: pca_reconstruct")


def reconstruction_error(X, X_hat):
    """The mean over all samples and all d inputs of the squared difference, a float."""
    raise NotImplementedError("Problem 7.1: reconstruction_error")


# %% [markdown]
# ## Problem 7.2: Autoencoder
# The next cell is given: call `report` at the end of every epoch or step, so that you see the
# training.


# %%
def report(what, number, total, **losses):
    """Print ten lines in all, such as `epoch 6 of 60: loss 0.0312`."""
    if number % max(1, total // 10) == 0:
        shown = ", ".join(f"{name} {value:.4f}" for name, value in losses.items())
        print(f"{what} {number} of {total}: {shown}", flush=True)


# %%
class Autoencoder(nn.Module):
    """Encoder d → n_hidden → n_latent, decoder n_latent → n_hidden → d.

    Dense layers with biases; relu after both hidden layers, sigmoid after the last one, nothing
    after the code. Define the four layers in this order.
    """

    def __init__(self, d=64, n_hidden=128, n_latent=8):
        super().__init__()
        raise NotImplementedError("Problem 7.2: Autoencoder")

    def encode(self, x):
        """The codes (N, n_latent) of inputs x (N, d); also (n_latent,) of one input (d,)."""
        raise NotImplementedError("Problem 7.2: Autoencoder.encode")

    def decode(self, z):
        """The outputs (N, d) in (0, 1) of codes z (N, n_latent); also (d,) of one code."""
        raise NotImplementedError("Problem 7.2: Autoencoder.decode")

    def forward(self, x):
        """The reconstructions (N, d) of inputs x (N, d)."""
        raise NotImplementedError("Problem 7.2: Autoencoder.forward")


def train_autoencoder(model, X, epochs=60, batch_size=64, step_size=3e-3, rng=None, device="cpu"):
    """Minimise the mean squared reconstruction error of X (N, d) by Adam; return the losses.

    The loss of a batch is the mean over its samples and inputs. rng, a torch.Generator or None,
    shuffles the samples before every epoch; the short last batch is used too. Returns the mean
    loss over the samples of each epoch, `epochs` floats.
    """
    raise NotImplementedError("Problem 7.2: train_autoencoder")


# %% [markdown]
# ## Problem 7.3: Latent space
# Here `model` is any object with `encode` and `decode`; a code may have any number of entries.


# %%
def interpolate(z_a, z_b, n):
    """n codes (n, k) at even distances on the line from z_a (k,), the first, to z_b, the last."""
    raise NotImplementedError("Problem 7.3: interpolate")


def interpolate_images(model, a, b, n):
    """n images (n, d) decoded from the line between the codes of a (d,) and b (d,).

    Without gradients.
    """
    raise NotImplementedError("Problem 7.3: interpolate_images")


def latent_arithmetic(model, a, b, c):
    """The image(s) decoded from code of a - code of b + code of c; a, b, c are (d,) or (N, d).

    Without gradients.
    """
    raise NotImplementedError("Problem 7.3: latent_arithmetic")


# %% [markdown]
# ## Problem 7.4: The losses of a generative adversarial network
# D = sigmoid(logit) is the probability, in the discriminator's view, that a sample is real.


# %%
def discriminator_loss(real_logits, fake_logits):
    """-mean log D over real samples - mean log(1 - D) over fake ones, a scalar tensor.

    Logits (N,) and (M,). Finite for every logit.
    """
    raise NotImplementedError("Problem 7.4: discriminator_loss")


def generator_loss_minimax(fake_logits):
    """Mean log(1 - D) over fake samples, logits (N,); a scalar tensor, finite for every logit."""
    raise NotImplementedError("Problem 7.4: generator_loss_minimax")


def generator_loss_nonsaturating(fake_logits):
    """-mean log D over fake samples, logits (N,); a scalar tensor, finite for every logit."""
    raise NotImplementedError("Problem 7.4: generator_loss_nonsaturating")


# %% [markdown]
# ## Problem 7.5: Two networks, two steps


# %%
class Generator(nn.Module):
    """n_noise → n_hidden → n_hidden → d: dense layers, leaky relu (slope 0.2) after the first two.

    `n_noise` is kept as an attribute. Define the three layers in order.
    """

    def __init__(self, n_noise=2, n_hidden=64, d=2):
        super().__init__()
        self.n_noise = n_noise
        raise NotImplementedError("Problem 7.5: Generator")

    def forward(self, noise):
        """Samples (N, d) made of noise (N, n_noise)."""
        raise NotImplementedError("Problem 7.5: Generator.forward")


class Discriminator(nn.Module):
    """d → n_hidden → n_hidden → 1: dense layers, leaky relu (slope 0.2) after the first two."""

    def __init__(self, d=2, n_hidden=64):
        super().__init__()
        raise NotImplementedError("Problem 7.5: Discriminator")

    def forward(self, x):
        """Logits (N,), not (N, 1), of samples x (N, d)."""
        raise NotImplementedError("Problem 7.5: Discriminator.forward")


def discriminator_step(discriminator, generator, optimizer, real, noise):
    """One step of the discriminator's optimizer on its loss for real (N, d) and generated samples.

    The fake samples are made of noise (M, n_noise). The generator's parameters and its gradients
    (`.grad`) stay as they are. Returns the loss before the step, a float.
    """
    raise NotImplementedError("Problem 7.5: discriminator_step")


def generator_step(discriminator, generator, optimizer, noise):
    """One step of the generator's optimizer on its non-saturating loss for noise (N, n_noise).

    The gradient passes through the discriminator, but its parameters, their gradients (`.grad`)
    and their `requires_grad` stay as they are. Returns the loss before the step, a float.
    """
    raise NotImplementedError("Problem 7.5: generator_step")


# %% [markdown]
# ## Problem 7.6: Learning a mixture


# %%
def sample_mixture(n, centres, sigma, rng):
    """n points (n, d) of a mixture of round normal distributions, all equally likely.

    centres (K, d), standard deviation sigma in every direction; rng is a torch.Generator. Every
    point draws its own centre.
    """
    raise NotImplementedError("Problem 7.6: sample_mixture")


def generate(generator, n, rng, device="cpu"):
    """n samples (n, d) of a generator fed with standard normal noise from rng; no gradients."""
    raise NotImplementedError("Problem 7.6: generate")


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
    """Alternate discriminator and generator steps on data (N, d); return [(loss_D, loss_G), ...].

    Each step draws a batch of data, with replacement, and fresh standard normal noise from rng, a
    torch.Generator or None, first for the discriminator's step, then for the generator's. Adam with
    betas=(0.5, 0.9) for both networks. Both step sizes fall to zero: step t = 0, 1, ... takes the
    fraction 1 - t / steps of them.
    """
    raise NotImplementedError("Problem 7.6: train_gan")


# %% [markdown]
# ## Problem 7.7: Quiz
# The questions are in `quiz.toml`, beside the handout. Answer as `"q1": "a"` for one choice,
# `"q2": ["a", "c"]` for several and `"q3": 12` for a number.

# %%
quiz_answers = {
}

# %% [markdown]
# ## Train them
# Given: this runs when you run the file or the notebook, not while it is graded. It trains your
# networks as far as they are written, and draws what they learn where matplotlib is installed.


# %%
def watch_autoencoder():
    """(Given.) Problems 7.1 to 7.3: digits from codes of 8 numbers, and a 0 that becomes a 7."""
    from grader.data import load

    device = "cuda" if torch.cuda.is_available() else "cpu"
    known, unseen = load("digits", "train"), load("digits", "test")
    X, X_test = (
        torch.tensor(data["X"], dtype=torch.float32).flatten(1) / 16 for data in (known, unseen)
    )
    X_pca = pca_reconstruct(X_test, *pca(X, 8))
    print("PCA: error on unseen digits", reconstruction_error(X_test, X_pca))
    model = Autoencoder()
    train_autoencoder(model, X, device=device)
    model.to("cpu")
    with torch.no_grad():
        X_hat = model(X_test)
    print("autoencoder: error on unseen digits", reconstruction_error(X_test, X_hat))
    zero, seven = (X_test[torch.tensor(unseen["y"] == label)][1] for label in (0, 7))
    rows = {
        "unseen digit": X_test[:9],
        "PCA": X_pca[:9],
        "autoencoder": X_hat[:9],
        "0 to 7": interpolate_images(model, zero, seven, 9),
    }
    with suppress(ImportError):
        import matplotlib.pyplot as plt

        _, grid = plt.subplots(len(rows), 9, figsize=(9, 4))
        for axes, (name, images) in zip(grid, rows.items(), strict=True):
            axes[0].set_ylabel(name)
            for ax, image in zip(axes, images, strict=True):
                ax.imshow(image.reshape(8, 8), cmap="gray", vmin=0, vmax=1)
                ax.set(xticks=[], yticks=[])
        plt.show()


def ring(n_centres=4):
    """(Given.) Centres (n_centres, 2) at even distances on the unit circle."""
    angle = torch.arange(n_centres) * 2 * torch.pi / n_centres
    return torch.stack([angle.cos(), angle.sin()], dim=1)


def watch_gan():
    """(Given.) Problem 7.6: samples of the generator, over the points that it imitates."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    rng = torch.Generator().manual_seed(0)
    points = sample_mixture(5000, ring(), 0.2, rng)
    generator = Generator()
    losses = train_gan(generator, Discriminator(), points, rng=rng, device=device)
    samples = generate(generator, 1000, rng, device=device).cpu()
    near = torch.cdist(samples, ring()).amin(dim=1) < 0.5
    print(f"samples within 0.5 of a centre: {near.double().mean():.2f}, of the data 0.96")
    with suppress(ImportError):
        import matplotlib.pyplot as plt

        plt.plot(losses, linewidth=0.5, label=["discriminator", "generator"])
        plt.gca().set(xlabel="step", ylabel="loss")
        plt.legend()
        plt.show()
        plt.scatter(*points[:1000].T, s=4, color="lightgray", label="data")
        plt.scatter(*samples.T, s=4, label="generated")
        plt.gca().set_aspect("equal")
        plt.legend()
        plt.show()


# %%
if __name__ == "__main__":
    for watch in (watch_autoencoder, watch_gan):
        try:
            watch()
        except NotImplementedError as missing:
            print(f"Not written yet: {missing}")
