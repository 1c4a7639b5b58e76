"""Draws the figures of homework 6's handout into assignments/hw6/figures.

Run it from the repository's root: python reference/figures/hw6.py. It needs matplotlib and torch,
trains the reference network on the embedded digits (about 10 s) and writes nothing else.
"""

import importlib.util
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

from grader.data import load

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / "assignments" / "hw6" / "figures"
BLUE, RED, GREY = "#1f5fa8", "#c0392b", "#777777"
DIGIT = 11  # a 4 of the training set


def load_solution():
    """The reference solution as a module."""
    path = ROOT / "reference" / "hw6" / "solution.py"
    spec = importlib.util.spec_from_file_location("hw6_solution", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def save(figure, name):
    """Write a PNG without a date, so that it changes only when the drawing does."""
    FIGURES.mkdir(parents=True, exist_ok=True)
    path = FIGURES / f"{name}.png"
    figure.savefig(path, dpi=110, metadata={"Software": None}, bbox_inches="tight")
    plt.close(figure)


def show(axes, image, title="", **kwargs):
    """One image without ticks."""
    axes.imshow(image, **{"cmap": "gray", **kwargs})
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, fontsize=9)


def filters(hw6, image):
    """One digit under four kernels."""
    sobel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    kernels = [
        ("identity", hw6.identity_kernel(3)),
        ("blur, 5×5", hw6.blur_kernel(5)),
        ("edges", hw6.edge_kernel()),
        ("upright edges", sobel),
    ]
    figure, rows = plt.subplots(2, 4, figsize=(7.2, 3.9))
    for (name, kernel), above, below in zip(kernels, rows[0], rows[1], strict=True):
        largest = kernel.abs().max()
        show(above, kernel, name, cmap="RdBu", vmin=-largest, vmax=largest)
        for (i, j), value in ((index, kernel[index]) for index in ndindex(kernel.shape)):
            colour = "white" if abs(value) > 0.6 * largest else "black"
            text = f"{value:.2g}".removeprefix("0")
            above.text(j, i, text or "0", ha="center", va="center", fontsize=7, color=colour)
        filtered = hw6.filter2d(image, kernel)
        largest = 0.6 * filtered.abs().max()
        if kernel.min() < 0:
            show(below, filtered, cmap="RdBu", vmin=-largest, vmax=largest)
        else:
            show(below, filtered, vmin=0, vmax=1)
    rows[0, 0].set_ylabel("kernel", fontsize=9)
    rows[1, 0].set_ylabel("filtered digit", fontsize=9)
    save(figure, "filters")


def ndindex(shape):
    return [(i, j) for i in range(shape[0]) for j in range(shape[1])]


def pooling():
    """The handout's example of max pooling, forward and backward."""
    x = torch.tensor([[1.0, 3, 2, 0], [0, 2, 5, 1], [-1, -2, 0, 0], [-3, -4, 0, 0]])
    pooled = torch.tensor([[3.0, 5], [-1, 0]])
    upper = torch.tensor([[10.0, 20], [30, 40]])
    lower = torch.tensor([[0.0, 10, 0, 0], [0, 0, 20, 0], [30, 0, 40, 0], [0, 0, 0, 0]])
    figure, axes = plt.subplots(1, 4, figsize=(8.4, 2.3), width_ratios=(2, 1, 1, 2))
    titles = ("x", "max_pool(x, 2)", "grad_out", "max_pool_backward(x, 2, grad_out)")
    colours = ("#cfe0f2", "#f6d9c8", "#d9ecd2", "#f1e6b8")  # one for each window
    for ax, table, title in zip(axes, (x, pooled, upper, lower), titles, strict=True):
        n = len(table)
        for i, j in ndindex(table.shape):
            window = colours[(2 * i // n) * 2 + 2 * j // n]
            ax.add_patch(plt.Rectangle((j, n - 1 - i), 1, 1, facecolor=window, edgecolor="white"))
            ax.text(j + 0.5, n - 0.5 - i, f"{table[i, j]:g}", ha="center", va="center", fontsize=10)
        ax.set(xlim=(0, n), ylim=(0, n), xticks=[], yticks=[], aspect="equal")
        ax.set_title(title, fontsize=9)
        for side in ax.spines.values():
            side.set_visible(False)
    save(figure, "pooling")


def feature_maps(net, image):
    """What eight maps of the trained first layer see, before and after pooling."""
    with torch.no_grad():
        maps = F.relu(net.conv1(image[None, None]))  # (1, 32, 28, 28)
        pooled = F.max_pool2d(maps, 2)
    strongest = maps.amax(dim=(0, 2, 3)).argsort(descending=True)[:16:2]
    figure, rows = plt.subplots(3, 8, figsize=(8.4, 3.4))
    for column, k in enumerate(strongest):
        kernel = net.conv1.weight[k, 0].detach()
        largest = kernel.abs().max()
        show(rows[0, column], kernel, f"map {k}", cmap="RdBu", vmin=-largest, vmax=largest)
        show(rows[1, column], maps[0, k])
        show(rows[2, column], pooled[0, k])
    for row, label in zip(rows, ("kernel 3×3", "map 28×28", "pooled 14×14"), strict=True):
        row[0].set_ylabel(label, fontsize=8)
    save(figure, "feature_maps")


def learned_filters(net, initial):
    """The eight kernels that training has changed most: before, after, and the difference."""
    weight = net.conv1.weight.detach()
    change = weight - initial  # (32, 1, 3, 3)
    most = change.flatten(1).norm(dim=1).argsort(descending=True)[:8]
    figure, grid = plt.subplots(3, 8, figsize=(7.6, 3.0))
    largest = max(w.abs().max() for w in (weight, initial))
    for row, kernels, limit in zip(
        grid, (initial, weight, change), (largest, largest, change.abs().max()), strict=True
    ):
        for axes, k in zip(row, most, strict=True):
            show(axes, kernels[k, 0], cmap="RdBu", vmin=-limit, vmax=limit)
    for k, axes in zip(most, grid[0], strict=True):
        axes.set_title(f"kernel {k}", fontsize=8)
    for axes, label in zip(grid[:, 0], ("before", "after", "difference"), strict=True):
        axes.set_ylabel(label, fontsize=8)
    save(figure, "learned_filters")


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    hw6 = load_solution()
    known = hw6.to_dataset(**load("digits28", "train"))
    image = known.tensors[0][DIGIT, 0]
    filters(hw6, F.pad(image, (4, 4, 4, 4)))
    pooling()
    net = hw6.MyNet()
    initial = net.conv1.weight.detach().clone()
    hw6.train(net, known, rng=torch.Generator().manual_seed(0))
    feature_maps(net, image)
    learned_filters(net, initial)


if __name__ == "__main__":
    main()
