"""Draws the figures of homework 7's handout into assignments/hw7/figures.

Run it from the repository's root: python reference/figures/hw7.py. It needs matplotlib and torch,
trains the reference networks on the embedded digits and on a mixture (about 20 s) and writes
nothing else.
"""

import importlib.util
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import torch

from grader.data import load

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / "assignments" / "hw7" / "figures"
BLUE, RED, GREY = "#1f5fa8", "#c0392b", "#777777"
STEPS = (0, 100, 200, 400, 1000, 2000)


def load_solution():
    """The reference solution as a module."""
    path = ROOT / "reference" / "hw7" / "solution.py"
    spec = importlib.util.spec_from_file_location("hw7_solution", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def save(figure, name):
    """Write a PNG without a date, so that it changes only when the drawing does."""
    FIGURES.mkdir(parents=True, exist_ok=True)
    path = FIGURES / f"{name}.png"
    figure.savefig(path, dpi=110, metadata={"Software": None}, bbox_inches="tight")
    plt.close(figure)


def rows_of_digits(rows, labels):
    """A grid of 8x8 images: rows is a list of (n, 64) tensors."""
    n = len(rows[0])
    figure, grid = plt.subplots(len(rows), n, figsize=(0.75 * n, 0.8 * len(rows)), squeeze=False)
    for axes, row, label in zip(grid, rows, labels, strict=True):
        for ax, image in zip(axes, row, strict=True):
            ax.imshow(image.reshape(8, 8), cmap="gray", vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
        axes[0].set_ylabel(label, rotation=0, ha="right", va="center", fontsize=9)
    return figure


def reconstructions(hw7, X, X_test, y_test):
    """Held-out digits, and what PCA and the autoencoder make of them; returns the autoencoder."""
    model = hw7.Autoencoder()
    hw7.train_autoencoder(model, X, rng=torch.Generator().manual_seed(0))
    chosen = torch.tensor([int(np.flatnonzero(y_test == label)[0]) for label in range(10)])
    x = X_test[chosen]
    x_pca = hw7.pca_reconstruct(x, *hw7.pca(X, 8)).clamp(0, 1)
    with torch.no_grad():
        x_hat = model(x)
    save(
        rows_of_digits([x, x_pca, x_hat], ["digit", "PCA, 8", "autoencoder, 8"]), "reconstructions"
    )
    return model


def interpolations(hw7, model, X_test, y_test):
    """From a 0 to a 7: a line in the latent space, and a cross-fade of pixels."""
    a, b = (X_test[int(np.flatnonzero(y_test == label)[1])] for label in (0, 7))
    images = hw7.interpolate_images(model, a, b, 9)
    t = torch.linspace(0, 1, 9)[:, None]
    fade = (1 - t) * images[0] + t * images[-1]
    save(rows_of_digits([images, fade], ["codes", "pixels"]), "interpolation")


def generator_losses():
    """Both losses of the generator against the discriminator's logit."""
    a = np.linspace(-6, 6, 200)
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 2.6))
    D = 1 / (1 + np.exp(-a))
    left.plot(a, -np.logaddexp(0, a), color=RED, label="minimax: log(1 − D)")
    left.plot(a, np.logaddexp(0, -a), color=BLUE, label="non-saturating: −log D")
    right.plot(a, -D, color=RED)
    right.plot(a, D - 1, color=BLUE)
    left.set(title="loss", xlabel="logit a of a fake sample")
    right.set(title="its slope by a", xlabel="logit a of a fake sample")
    left.legend(frameon=False, fontsize=8)
    for axes in (left, right):
        axes.axhline(0, color=GREY, lw=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        axes.title.set_fontsize(9)
    for words, colour, at, x, y in (
        ("D ≈ 0: minimax\nhardly pulls", RED, (-4.4, -0.02), -5.9, -0.38),
        ("non-saturating\npulls in full", BLUE, (-4.4, -0.98), -5.9, -0.75),
    ):
        right.annotate(
            words,
            xy=at,
            xytext=(x, y),
            fontsize=8,
            color=colour,
            arrowprops={"arrowstyle": "->", "color": colour, "lw": 0.8},
        )
    save(figure, "generator_losses")


def gan_training(hw7):
    """Samples of the generator during training on the ring, the data in grey."""
    rng = torch.Generator().manual_seed(0)
    data = hw7.sample_mixture(5000, hw7.ring(), 0.2, rng)
    generator, discriminator = hw7.Generator(), hw7.Discriminator()
    snapshots = {0: hw7.generate(generator, 600, torch.Generator().manual_seed(1))}

    def keep(what, number, total, **losses):
        if number in STEPS:
            samples = hw7.generate(generator, 600, torch.Generator().manual_seed(1))
            snapshots[number] = samples

    hw7.report = keep
    hw7.train_gan(generator, discriminator, data, rng=rng)
    figure, grid = plt.subplots(1, len(STEPS), figsize=(10.5, 2.1))
    for axes, step in zip(grid, STEPS, strict=True):
        axes.scatter(*data[:600].T, s=2, color="#c8c8c8")
        axes.scatter(*snapshots[step].T, s=2, color=BLUE)
        axes.set(xlim=(-1.6, 1.6), ylim=(-1.6, 1.6), xticks=[], yticks=[], aspect="equal")
        axes.set_title(f"step {step}", fontsize=9)
    save(figure, "gan_training")


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    hw7 = load_solution()
    train, test = load("digits", "train"), load("digits", "test")
    X, X_test = (torch.tensor(d["X"], dtype=torch.float32).flatten(1) / 16 for d in (train, test))
    model = reconstructions(hw7, X, X_test, test["y"])
    interpolations(hw7, model, X_test, test["y"])
    generator_losses()
    gan_training(hw7)


if __name__ == "__main__":
    main()
