"""The reference solutions against torch and numpy on the same problem, in one run, one thread.

Run: python -m benchmarks.reference_speed [--runs 7]
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
N, D, HIDDEN, CLASSES, BATCH, EPOCHS = 512, 20, 64, 5, 32, 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    import torch

    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    X, labels = rng.normal(size=(N, D)), rng.integers(CLASSES, size=N)
    print(f"{D}-{HIDDEN}-{CLASSES} network, {N} samples, float64, one thread; median of {runs}")
    compare("hw3 from scratch, mini-batches", hw3(X, labels), torch_batches(X, labels), runs, 3)
    compare("hw4 Mat autodiff, whole batch", hw4(X, labels), torch_whole(X, labels), runs, 3)
    compare("hw2 population, 1,000 neurons, 1 s", hw2(), by_hand(), runs, 2)


def compare(
    name: str, ours: Callable[[], Any], other: Callable[[], Any], runs: int, most: float
) -> None:
    """Print the ratio of run times, pair by pair, beside the most it should be."""
    ours()
    other()
    pairs = [(seconds(ours), seconds(other)) for _ in range(runs)]
    a, b = (statistics.median(values) for values in zip(*pairs, strict=True))
    ratio = statistics.median(x / y for x, y in pairs)
    print(f"{name:<36} {1e3 * a:7.1f} ms against {1e3 * b:7.1f} ms: {ratio:.2f} (at most {most})")


def seconds(run: Callable[[], Any]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def reference(homework: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        homework, ROOT / "reference" / homework / "solution.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def hw3(X: np.ndarray, labels: np.ndarray) -> Callable[[], Any]:
    module = reference("hw3")
    T = np.eye(CLASSES)[labels]

    def run() -> None:
        rng = np.random.default_rng(1)
        names = ["tanh", "softmax"]
        net = module.MLP([D, HIDDEN, CLASSES], names, "categorical_cross_entropy", rng)
        module.train(net, X, T, 0.1, BATCH, EPOCHS, rng)

    return run


def torch_batches(X: np.ndarray, labels: np.ndarray) -> Callable[[], Any]:
    import torch

    x, y = torch.from_numpy(X), torch.from_numpy(labels)

    def run() -> None:
        net, optimizer = torch_net()
        for _ in range(EPOCHS):
            for batch in torch.randperm(N).split(BATCH):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(net(x[batch]), y[batch]).backward()
                optimizer.step()

    return run


def hw4(X: np.ndarray, labels: np.ndarray) -> Callable[[], Any]:
    module = reference("hw4")

    def run() -> None:
        rng = np.random.default_rng(1)
        layers = [
            module.Linear(D, HIDDEN, rng),
            module.Logistic(),
            module.Linear(HIDDEN, CLASSES, rng),
        ]
        module.train(module.Net(layers), module.softmax_cross_entropy, X, labels, 0.1, 40)

    return run


def torch_whole(X: np.ndarray, labels: np.ndarray) -> Callable[[], Any]:
    import torch

    x, y = torch.from_numpy(X), torch.from_numpy(labels)

    def run() -> None:
        net, optimizer = torch_net(torch.nn.Sigmoid())
        for _ in range(40):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()

    return run


def torch_net(middle: Any = None) -> tuple[Any, Any]:
    import torch

    middle = middle or torch.nn.Tanh()
    net = torch.nn.Sequential(torch.nn.Linear(D, HIDDEN), middle, torch.nn.Linear(HIDDEN, CLASSES))
    net = net.double()
    return net, torch.optim.SGD(net.parameters(), lr=0.1)


def hw2() -> Callable[[], Any]:
    module = reference("hw2")
    x, W = drive()
    return lambda: module.simulate_population(x, W, 0.001)


def by_hand() -> Callable[[], Any]:
    """The plainest vectorised step: dense products, nothing clever."""
    x, W = drive()
    dt, tau_m, tau_ref, tau_s = 0.001, 0.02, 0.002, 0.005

    def run() -> None:
        n = x.shape[1]
        v, s, held = np.zeros(n), np.zeros(n), np.zeros(n)
        for x_k in x:
            v = np.where(held > 0, 0.0, v + dt / tau_m * (x_k + s - v))
            fired = (v >= 1).astype(float)
            held = np.where(fired > 0, round(tau_ref / dt), held - 1)
            v = v * (1 - fired)
            s = s - dt / tau_s * s + W @ fired / tau_s

    return run


def drive() -> tuple[np.ndarray, np.ndarray]:
    """Input (1000, 1000) that makes neurons fire, and sparse-ish weights."""
    rng = np.random.default_rng(0)
    return rng.uniform(0, 3, size=(1000, 1000)), rng.normal(size=(1000, 1000)) / 1e5


if __name__ == "__main__":
    main()
