"""Draws the figures of hw5's handout into assignments/hw5/figures, as SVG.

Run it from anywhere: `python reference/figures/hw5.py` (a minute). The networks are trained by the
reference solution; every seed is fixed, so the same versions give the same figures.
"""

import importlib.util
import math
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import torch

ROOT = Path(__file__).parents[2]
FIGURES = ROOT / "assignments" / "hw5" / "figures"
BLUE, ORANGE, RED, GREY = "#2f6db3", "#d9822b", "#b3261e", "#666666"


def load_solution():
    """The reference of hw5 as a module."""
    path = ROOT / "reference" / "hw5" / "solution.py"
    spec = importlib.util.spec_from_file_location("hw5_solution", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def disk(hw5):
    """Points of both classes, the true circle, and where a trained network draws the border."""
    generator = torch.Generator().manual_seed(5)
    X, y = hw5.generate_data(4000, generator)
    model = hw5.DiskNet(generator)
    hw5.train_disk(model, X, y, generator)
    line = torch.linspace(-1, 1, 201)
    grid = torch.cartesian_prod(line, line)  # (201², 2), the first coordinate changes slowly
    with torch.no_grad():
        p = model(grid)[:, 1].exp().reshape(201, 201).T
    fig, ax = plt.subplots(figsize=(4.6, 4.4))
    ax.contourf(line, line, p, levels=[0, 0.5, 1], colors=["#fbe9d7", "#dbe9f6"])
    for label, colour in ((0, ORANGE), (1, BLUE)):
        points = X[:400][y[:400] == label]
        ax.plot(*points.T, ".", color=colour, markersize=4, label=f"label {label}")
    turn = torch.linspace(0, 2 * math.pi, 200)
    radius = math.sqrt(2 / math.pi)
    ax.plot(radius * turn.cos(), radius * turn.sin(), "--", color=GREY, lw=1, label="the circle")
    ax.set(xlim=(-1, 1), ylim=(-1, 1), aspect="equal", xlabel="$x_0$", ylabel="$x_1$")
    fig.legend(loc="upper center", ncol=3, frameon=False, bbox_to_anchor=(0.53, 1.0))
    save(fig, "disk.svg")


def overfitting(hw5):
    """Losses on 6 training and 40 validation samples, and the two functions one may keep."""
    generator = torch.Generator().manual_seed(2)

    def sample(x):
        return x, torch.sin(3 * x) + 0.3 * torch.randn(x.shape, generator=generator)

    training = sample(torch.linspace(-0.95, 0.9, 6)[:, None])
    validation = sample(2 * torch.rand(40, 1, generator=generator) - 1)
    model = hw5.RegressionNet(generator)
    start = {name: value.clone() for name, value in model.state_dict().items()}
    x = torch.linspace(-1, 1, 300)[:, None]

    def run(epochs, patience):
        model.load_state_dict(start)
        losses = hw5.fit_early_stopping(model, training, validation, 0.02, epochs, patience)
        with torch.no_grad():
            return losses, model(x)

    (losses, losses_val), y_best = run(4000, 4000)
    best = losses_val.index(min(losses_val))
    model.load_state_dict(start)
    hw5.overfit(model, *training, 1e-6)
    with torch.no_grad():
        y_end = model(x)
    fig, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.4))
    shown = sorted({min(4000, int(1.05**k)) for k in range(171)})
    for series, colour, label in ((losses, BLUE, "training"), (losses_val, ORANGE, "validation")):
        left.loglog(shown, [series[k - 1] for k in shown], color=colour, label=label)
    left.axvline(best + 1, color=GREY, ls="--", lw=1, label="best epoch")
    left.set(xlabel="epoch", ylabel="mean squared error")
    left.legend(frameon=False)
    right.plot(x, torch.sin(3 * x), color=GREY, ls=":", label="without noise")
    right.plot(x, y_end, color=RED, label="error below $10^{-6}$")
    right.plot(x, y_best, color=BLUE, label="stopped early")
    right.plot(*training, "o", color="black", label="training samples")
    right.set(xlabel="$x$", ylim=(-2, 2))
    right.legend(frameon=False, fontsize=8)
    fig.tight_layout()
    save(fig, "overfitting.svg")


def save(fig, name):
    """Save without date or random ids: the same figure gives the same file."""
    FIGURES.mkdir(parents=True, exist_ok=True)
    fig.savefig(FIGURES / name, bbox_inches="tight", metadata={"Date": None}, facecolor="white")
    plt.close(fig)


if __name__ == "__main__":
    plt.rcParams.update({"svg.hashsalt": "hw5", "font.size": 9})
    torch.set_num_threads(1)
    solution = load_solution()
    disk(solution)
    overfitting(solution)
