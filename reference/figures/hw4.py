"""Draws the figures of hw4's handout into assignments/hw4/figures, as SVG.

Run it from anywhere: `python reference/figures/hw4.py`. The numbers shown are computed by the
reference solution, not typed in.
"""

import importlib.util
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

ROOT = Path(__file__).parents[2]
FIGURES = ROOT / "assignments" / "hw4" / "figures"
LEAF, RESULT, GRADIENT = "#dbe9f6", "#f3f3f3", "#b3261e"


def load_solution():
    """The reference of hw4 as a module."""
    path = ROOT / "reference" / "hw4" / "solution.py"
    spec = importlib.util.spec_from_file_location("hw4_solution", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def draw_node(ax, x, y, name, node, colour):
    """A box with a name and a value, and the gradient below it."""
    box = {"boxstyle": "round,pad=0.45", "facecolor": colour, "edgecolor": "#333333"}
    ax.text(x, y, f"{name}\n{node.val:.4g}", ha="center", va="center", fontsize=11, bbox=box)
    ax.text(x, y - 0.62, f"grad {node.grad:.4g}", ha="center", va="top", color=GRADIENT)


def draw_arrow(ax, start, end, label, bend=0.0):
    """An arrow from an operand to its result, with the local derivative beside it."""
    (x0, y0), (x1, y1) = start, end
    style = {
        "arrowstyle": "-|>",
        "color": "#333333",
        "shrinkA": 30,
        "shrinkB": 30,
        "connectionstyle": f"arc3,rad={bend}",
    }
    ax.annotate("", xy=end, xytext=start, arrowprops=style)
    side = 0.16 + abs(bend) if bend >= 0 else -0.62
    middle = ((x0 + x1) / 2, (y0 + y1) / 2 + side)
    ax.text(*middle, label, ha="center", va="bottom", fontsize=9, color="#555555")


def computation_graph(hw4):
    """f = sin(x) + xy at x = 0.5, y = 4: values, local derivatives and gradients."""
    x, y = hw4.Var(0.5), hw4.Var(4.0)
    u, v = x.sin(), x * y
    f = u + v
    f.backward()
    places = {"x": (0, 1.5), "y": (0, -1), "u": (3, 1.5), "v": (3, -1), "f": (6, 0.25)}
    names = {"u": "u = sin x", "v": "v = x y", "f": "f = u + v"}
    fig, ax = plt.subplots(figsize=(7.5, 3.6))
    for key, node in {"x": x, "y": y, "u": u, "v": v, "f": f}.items():
        draw_node(ax, *places[key], names.get(key, key), node, RESULT if key in names else LEAF)
    for start, end, label in (
        ("x", "u", "cos x"),
        ("x", "v", "y"),
        ("y", "v", "x"),
        ("u", "f", "1"),
        ("v", "f", "1"),
    ):
        draw_arrow(ax, places[start], places[end], label)
    finish(fig, ax, (-0.8, 6.9), (-2.1, 2.3), "graph.svg")


def shared_nodes(hw4):
    """x ← x + x three times: four nodes, eight paths."""
    nodes = [hw4.Var(1.5)]
    for _ in range(3):
        nodes.append(nodes[-1] + nodes[-1])
    nodes[-1].backward()
    fig, ax = plt.subplots(figsize=(7.5, 2.3))
    for k, node in enumerate(nodes):
        draw_node(ax, 2.2 * k, 0, f"$x_{k}$", node, RESULT if k else LEAF)
        if k:
            for bend in (0.28, -0.28):
                draw_arrow(ax, (2.2 * (k - 1), 0), (2.2 * k, 0), "1", bend)
    finish(fig, ax, (-0.8, 7.4), (-1.2, 0.9), "shared.svg")


def finish(fig, ax, xlim, ylim, name):
    """Save without axes, date or random ids: the same figure gives the same file."""
    ax.set_xlim(xlim)
    ax.set_ylim(ylim)
    ax.axis("off")
    fig.savefig(FIGURES / name, bbox_inches="tight", metadata={"Date": None}, facecolor="white")
    plt.close(fig)


if __name__ == "__main__":
    plt.rcParams.update({"svg.hashsalt": "hw4", "font.size": 10})
    FIGURES.mkdir(parents=True, exist_ok=True)
    solution = load_solution()
    computation_graph(solution)
    shared_nodes(solution)
