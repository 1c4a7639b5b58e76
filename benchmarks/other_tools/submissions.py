"""What is handed in for the twelve tests: a right solution and three wrong ones."""

from __future__ import annotations

import ast
from itertools import cycle, islice
from pathlib import Path

RIGHT = """\
import numpy as np


def sigmoid(z):
    return 0.5 * (1 + np.tanh(z / 2))


def relu(z):
    return np.maximum(z, 0)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def cross_entropy(p, y):
    return float(-np.mean(np.log(p[np.arange(len(y)), y])))


def linear(X, W, b):
    return X @ W + b


def linear_gradient(X, g):
    return X.T @ g, g.sum(axis=0)


def accuracy(scores, y):
    return float(np.mean(scores.argmax(axis=1) == y))


def fit_line(x, y, rate, steps):
    a, b = 0.0, 0.0
    for _ in range(steps):
        error = a * x + b - y
        a, b = a - rate * np.mean(error * x), b - rate * np.mean(error)
    return float(a), float(b)
"""

# source and how many of the twelve tests it passes
KINDS: tuple[tuple[str, int], ...] = (
    (RIGHT, 12),
    (RIGHT.replace("0.5 * (1 + np.tanh(z / 2))", "np.tanh(z)"), 9),
    (RIGHT.replace("g.sum(axis=0)", "g.mean(axis=0)"), 11),
    (RIGHT.replace("return X @ W + b", "raise NotImplementedError"), 11),
)
TWELVE = Path(__file__).with_name("twelve.py")


def test_names() -> list[str]:
    """The names of the twelve tests, in order."""
    nodes = ast.parse(TWELVE.read_text("utf-8")).body
    return [n.name for n in nodes if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")]


def hand_ins(count: int) -> dict[str, tuple[str, int]]:
    """Source and expected score by student; no two sources are the same."""
    return {
        f"s{number:04d}": (f"{source}\n# student {number}\n", score)
        for number, (source, score) in enumerate(islice(cycle(KINDS), count))
    }
