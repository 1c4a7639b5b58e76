"""Draws the figures of homework 3's handout into assignments/hw3/figures.

Run it from the repository's root: python reference/figures/hw3.py. It needs matplotlib, uses the
reference solution, and writes the same bytes every time. It must not touch anything else.
"""

import importlib.util
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")

import matplotlib.pyplot as plt
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / "assignments" / "hw3" / "figures"
BLUE, RED, GREY = "#1f5fa8", "#c0392b", "#777777"


def load_solution():
    """The reference solution as a module."""
    path = ROOT / "reference" / "hw3" / "solution.py"
    spec = importlib.util.spec_from_file_location("hw3_solution", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def save(figure, name):
    """Write an SVG without date, so that it changes only when the drawing does."""
    FIGURES.mkdir(parents=True, exist_ok=True)
    path = FIGURES / f"{name}.svg"
    figure.savefig(path, metadata={"Date": None, "Creator": None}, bbox_inches="tight")
    plt.close(figure)
    text = path.read_text(encoding="utf-8")
    path.write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n", encoding="utf-8")


def toy_graph():
    """The graph c = a + b, d = b + 1, e = c d at a = 2, b = 1, values and derivatives."""
    figure, axes = plt.subplots(figsize=(6.0, 4.4))
    nodes = {
        "a": (0, 0, "a = 2", "∂e/∂a = 2"),
        "b": (2, 0, "b = 1", "∂e/∂b = 2 + 3 = 5"),
        "c": (0.5, 1.25, "c = a + b = 3", "∂e/∂c = d = 2"),
        "d": (2.5, 1.25, "d = b + 1 = 2", "∂e/∂d = c = 3"),
        "e": (1.5, 2.5, "e = c · d = 6", "∂e/∂e = 1"),
    }
    edges = [
        ("a", "c", "1"),
        ("b", "c", "1"),
        ("b", "d", "1"),
        ("c", "e", "d = 2"),
        ("d", "e", "c = 3"),
    ]
    for start, end, slope in edges:
        (x0, y0), (x1, y1) = nodes[start][:2], nodes[end][:2]
        tail, head = (x0, y0 + 0.22), (x1 + 0.25 * np.sign(x0 - x1), y1 - 0.36)
        arrow = {"arrowstyle": "-|>", "color": GREY, "lw": 1.3}
        axes.annotate("", xy=head, xytext=tail, arrowprops=arrow)
        away = (0.15 if slope == "1" else 0.3) * np.sign(x1 - x0)
        middle = np.add(tail, head) / 2 + (away, -0.03)
        axes.text(*middle, slope, color=GREY, ha="center", va="center", fontsize=10)
    for x, y, value, slope in nodes.values():
        box = {"boxstyle": "round,pad=0.35", "fc": "white", "ec": BLUE, "lw": 1.3}
        axes.text(x, y + 0.05, value, color=BLUE, ha="center", va="center", fontsize=11, bbox=box)
        axes.text(x, y - 0.24, slope, color=RED, ha="center", va="center", fontsize=10)
    axes.set(xlim=(-0.7, 3.3), ylim=(-0.4, 2.8))
    axes.axis("off")
    save(figure, "toy_graph")


def sigmoid_and_derivative(solution):
    """The sigmoid and its derivative on [-8, 8]."""
    z = np.linspace(-8, 8, 321)
    figure, axes = plt.subplots(figsize=(6.0, 3.0))
    axes.plot(z, solution.activate(z, "sigmoid"), color=BLUE, label="σ(z)")
    axes.plot(z, solution.activation_derivative(z, "sigmoid"), color=RED, label="σ′(z)")
    axes.axhline(0.25, color=GREY, lw=0.8, ls=":")
    axes.text(-7.8, 0.27, "1/4", color=GREY, fontsize=9)
    axes.set(xlabel="pre-activation z", ylim=(-0.03, 1.05))
    axes.legend(frameon=False, loc="center right")
    axes.spines[["top", "right"]].set_visible(False)
    save(figure, "sigmoid")


def step_approximations(solution):
    """A function and its approximation by 8 and by 32 steep sigmoids, with the errors."""

    def f(x):
        return np.sin(x) + 0.4 * np.sin(3 * x) + 1

    a, b = 0.0, 2 * np.pi
    x = np.linspace(a, b, 1201)
    figure, panels = plt.subplots(2, 2, figsize=(7.5, 4.2), sharex=True, sharey="row")
    for (top, bottom), n in zip(panels.T, (8, 32), strict=True):
        approximation = solution.sigmoid_sum(x, *solution.step_approximation(f, a, b, n))
        top.plot(x, f(x), color=GREY, lw=1, label="f(x)")
        top.plot(x, approximation, color=BLUE, lw=1.2, label=f"{n} steps")
        top.legend(frameon=False, fontsize=9)
        bottom.plot(x, np.abs(approximation - f(x)), color=RED, lw=1)
        bottom.axhline(2.2 * (b - a) / n, color=GREY, lw=0.8, ls=":")  # |f'| <= 1 + 1.2
        bottom.set(xlabel="x")
        for axes in (top, bottom):
            axes.spines[["top", "right"]].set_visible(False)
    panels[1, 0].set(ylabel="|error|")
    panels[1, 0].text(0.1, 2.2 * (b - a) / 8 * 0.86, "S (b − a) / n", color=GREY, fontsize=9)
    save(figure, "step_approximation")


def main():
    plt.rcParams.update({"svg.hashsalt": "hw3", "svg.fonttype": "path", "font.size": 10})
    solution = load_solution()
    toy_graph()
    sigmoid_and_derivative(solution)
    step_approximations(solution)


if __name__ == "__main__":
    main()
