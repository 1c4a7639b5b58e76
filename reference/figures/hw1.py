"""Draws the figures of homework 1 with its reference solution: `python reference/figures/hw1.py`.

It writes assignments/hw1/figures/*.svg, the same bytes at every run, and reads nothing else.
"""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

from grader import data

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "assignments" / "hw1" / "figures"
BLUE, RED, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#888888"  # told apart by all eyes


def load_solution():
    """The reference solution of homework 1 as a module."""
    spec = spec_from_file_location("hw1_solution", ROOT / "reference" / "hw1" / "solution.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def save(figure, name):
    """Write one figure without a date or a random id in it."""
    figure.savefig(TARGET / f"{name}.svg", metadata={"Date": None}, bbox_inches="tight")
    plt.close(figure)


def draw_gates(hw1):
    """AND, OR and NAND: the four corners, filled where the output is 1, and w·x + b = 0."""
    figure, axes = plt.subplots(1, 3, figsize=(8.4, 2.9), sharey=True)
    line = np.array([-0.4, 1.4])
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    for ax, name in zip(axes, ("and", "or", "nand"), strict=True):
        w, b = getattr(hw1, f"{name}_gate")()
        outputs = hw1.perceptron(corners, w, b)
        ax.plot(line, -(w[0] * line + b) / w[1], color=GREY)
        side = np.sign(w[1])
        ax.fill_between(line, -(w[0] * line + b) / w[1], side * 3, color=BLUE, alpha=0.12)
        for corner, output in zip(corners, outputs, strict=True):
            colour = BLUE if output else "white"
            ax.plot(*corner, "o", ms=11, mfc=colour, mec=BLUE, mew=1.5)
        ax.set(xlim=(-0.4, 1.4), ylim=(-0.4, 1.4), title=name.upper(), xlabel="$x_1$")
        ax.set(xticks=[0, 1], yticks=[0, 1], aspect="equal")
    axes[0].set_ylabel("$x_2$")
    for output, words in ((1, "output 1"), (0, "output 0")):
        colour = BLUE if output else "white"
        axes[0].plot([], [], "o", ms=8, mfc=colour, mec=BLUE, mew=1.5, label=words)
    axes[0].plot([], [], color=GREY, label=r"$w \cdot x + b = 0$")
    figure.legend(loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=3, frameon=False)
    save(figure, "gates")


def draw_activations(hw1):
    """The four activation functions above their derivatives."""
    z = np.linspace(-4, 4, 401)
    figure, axes = plt.subplots(2, 4, figsize=(9.6, 4.2), sharex=True, sharey="row")
    for column, name in enumerate(("sigmoid", "tanh", "relu", "leaky_relu")):
        options = {"slope": 0.1} if name == "leaky_relu" else {}
        above, below = axes[:, column]
        above.plot(z, getattr(hw1, name)(z, **options), color=BLUE)
        slope = getattr(hw1, f"{name}_prime")(z, **options)
        if "relu" in name:
            slope[200] = np.nan  # the kink at 0: no line across it
        below.plot(z, slope, color=RED)
        above.set_title(name.replace("_", " ") + (", slope 0.1" if options else ""))
        below.set(xlabel="$z$", xticks=(-4, -2, 0, 2, 4))
        for ax in (above, below):
            ax.axhline(0, color=GREY, lw=0.6)
            ax.axvline(0, color=GREY, lw=0.6)
    axes[0, 0].set(ylabel="activation at $z$", ylim=(-1.2, 3.2))
    axes[1, 0].set(ylabel="its derivative at $z$", ylim=(-0.1, 1.15))
    save(figure, "activations")


def draw_softmax(hw1):
    """Four scores, their exponentials and their probabilities."""
    z = np.array([0.6, 3.4, -1.2, 0.05])
    panels = (
        ("scores $z$", z, BLUE),
        ("$e^{z - \\max z}$", np.exp(z - z.max()), GREEN),
        ("softmax$(z)$", hw1.softmax(z), RED),
        ("one-hot$(z)$", hw1.one_hot(z), GREY),
    )
    figure, axes = plt.subplots(1, 4, figsize=(9.6, 2.4))
    for ax, (title, values, colour) in zip(axes, panels, strict=True):
        bars = ax.bar(range(1, 5), values, color=colour, width=0.65)
        ax.bar_label(bars, fmt="%.2f", fontsize=8, padding=2)
        ax.axhline(0, color=GREY, lw=0.6)
        ax.set(title=title, xticks=range(1, 5), xlabel="class $c$")
        ax.margins(y=0.15)
        ax.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    save(figure, "softmax")


def draw_neuron(hw1):
    """The logistic neuron on iris: its probability after 200, 5,000 and all steps."""
    iris = data.load("iris")
    sepals, y = iris["X"][:, :2], (iris["y"] != 0).astype(float)
    X = np.column_stack([sepals, np.ones(len(sepals))])
    length, width = np.meshgrid(np.linspace(4, 8.2, 120), np.linspace(1.8, 4.6, 120))
    grid = np.column_stack([length.ravel(), width.ravel(), np.ones(length.size)])
    figure, axes = plt.subplots(1, 3, figsize=(9.6, 3.0), sharey=True, layout="constrained")
    for ax, most in zip(axes, (200, 5_000, 300_000), strict=True):
        theta, steps = hw1.fit(X, y, 0.1, 5e-5, most)
        p = hw1.neuron(grid, theta).reshape(length.shape)
        shown = ax.imshow(
            p, "RdBu", origin="lower", extent=(4, 8.2, 1.8, 4.6), alpha=0.5, interpolation="none"
        )
        shown.set_clim(0, 1)
        ax.contour(length, width, p, [0.5], colors="black", linewidths=1)
        for label, marker, colour, species in (
            (0, "o", RED, "setosa"),
            (1, "^", BLUE, "not setosa"),
        ):
            ax.plot(*sepals[y == label].T, marker, ms=3.5, color=colour, label=species)
        ax.set(title=f"{steps:,} steps", xlabel="sepal length (cm)", aspect="auto")
    axes[0].set_ylabel("sepal width (cm)")
    axes[0].plot([], [], color="black", lw=1, label="probability ½")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    figure.colorbar(shown, ax=axes, label="probability of 'not setosa'", ticks=[0, 0.5, 1])
    save(figure, "neuron")


def main():
    """Draw all figures; a few seconds for the 237,706 steps of the last one."""
    mpl.rcParams.update({"svg.hashsalt": "hw1", "font.size": 9, "savefig.facecolor": "white"})
    TARGET.mkdir(exist_ok=True)
    hw1 = load_solution()
    for draw in (draw_gates, draw_activations, draw_softmax, draw_neuron):
        draw(hw1)


if __name__ == "__main__":
    mpl.use("svg")
    main()
