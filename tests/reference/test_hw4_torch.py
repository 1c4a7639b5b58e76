"""The reference of hw4 against torch's autograd: gradients on random graphs, and speed.

torch is the oracle here and here only: the homework's own tests must not import it, so that hw4
is graded without its import. Nothing of the grader is used.
"""

import importlib.util
import operator
import time
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

SOLUTION = Path(__file__).parents[2] / "reference" / "hw4" / "solution.py"
BINARY = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
SHAPES = ((4, 3), (4, 3), (3, 3), (3,), (4, 1), (1, 3), ())
FUNCTIONS = {
    "exp": torch.exp,
    "log": torch.log,
    "sin": torch.sin,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
}


@pytest.fixture(scope="module")
def hw4():
    """The reference solution, loaded from its path."""
    spec = importlib.util.spec_from_file_location("hw4_solution", SOLUTION)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def function(name, x):
    """A function of one variable, by torch or by the reference's method of the same name."""
    return FUNCTIONS[name](x) if isinstance(x, torch.Tensor) else getattr(x, name)()


def binary(op, a, b):
    """One of the four operations, for tensors and for the reference's variables."""
    return BINARY[op](a, b)


def draw_scalar_graph(rng, n_leaves, length):
    """Operations (name, i, j) on nodes so far; each uses the latest node, so all matter."""
    names = [*BINARY, "exp", "log", "sin", "pow"]
    graph = []
    for k in range(length):
        latest = n_leaves + k - 1
        graph.append((names[rng.integers(len(names))], latest, int(rng.integers(latest + 1))))
    return graph


def run_scalar_graph(graph, leaves):
    """The last node; every operation is tamed to a bounded, smooth function of its operands."""
    nodes = list(leaves)
    for op, i, j in graph:
        a, b = nodes[i], nodes[j]
        if op == "/":
            y = a / (b * b + 1.0)
        elif op == "exp":
            y = function("exp", function("sin", a))
        elif op == "log":
            y = function("log", a * a + b * b + 0.5)
        elif op == "pow":
            y = (function("sin", a) + 1.5) ** -1.5
        elif op == "sin":
            y = function("sin", a * b)
        else:
            y = binary(op, function("sin", a), b)
        nodes.append(y)
    return nodes[-1]


def run_matrix_graph(graph, leaves):
    """A sum over the last node of a graph on (4, 3) nodes with broadcast operands."""
    x, y, w, *small = leaves
    nodes = [x, y]
    for op, i, j, k in graph:
        a, b, c = nodes[i % len(nodes)], nodes[j % len(nodes)], small[k]
        if op == "@":
            z = a @ w
        elif op == "mean":
            z = b - a.mean(0) * c
        elif op == "sum":
            z = function("tanh", a.sum(1) * 0.3).sum() * b
        elif op == "log":
            z = function("log", a * a + 0.5) * c
        elif op == "exp":
            z = function("exp", function("tanh", a) * 0.5) - b
        elif op in BINARY:
            z = binary(op, function("tanh", a), c) * function("tanh", b)
        else:
            z = function(op, a) + c
        nodes.append(z)
    return (nodes[-1] * nodes[len(nodes) // 2]).mean() + nodes[-2].sum(0).mean()


@pytest.mark.parametrize("seed", range(20))
def test_random_scalar_graphs(hw4, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=4)
    graph = draw_scalar_graph(rng, len(values), 40)
    ours = [hw4.Var(v) for v in values]
    theirs = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in values]
    f, g = run_scalar_graph(graph, ours), run_scalar_graph(graph, theirs)
    f.backward()
    g.backward()
    assert f.val == pytest.approx(g.item(), rel=1e-11)
    for x, t in zip(ours, theirs, strict=True):
        expected = 0.0 if t.grad is None else t.grad.item()
        assert x.grad == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_random_matrix_graphs(hw4, seed):
    rng = np.random.default_rng(seed)
    arrays = [rng.normal(size=shape) for shape in SHAPES]
    names = ["+", "-", "*", "@", "mean", "sum", "log", "exp", "tanh", "sigmoid", "relu"]
    graph = [
        (names[rng.integers(len(names))], *(int(n) for n in rng.integers((99, 99, 4))))
        for _ in range(15)
    ]
    ours = [hw4.Mat(a) for a in arrays]
    theirs = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in arrays]
    f, g = run_matrix_graph(graph, ours), run_matrix_graph(graph, theirs)
    f.backward()
    g.backward()
    np.testing.assert_allclose(f.val, g.item(), rtol=1e-11)
    for a, t in zip(ours, theirs, strict=True):
        expected = np.zeros(a.val.shape) if t.grad is None else t.grad.numpy()
        assert np.shape(a.grad) == expected.shape
        np.testing.assert_allclose(a.grad, expected, rtol=1e-9, atol=1e-12)


def torch_copy(net, d_in, d_hidden, n_classes):
    """The torch network that computes what the reference's 2-layer net computes."""
    model = torch.nn.Sequential(
        torch.nn.Linear(d_in, d_hidden), torch.nn.Sigmoid(), torch.nn.Linear(d_hidden, n_classes)
    ).double()
    with torch.no_grad():
        for p, theta in zip(model.parameters(), net.parameters(), strict=True):
            p.copy_(torch.tensor(theta.val.T.copy()))
    return model


def torch_train(model, x, labels, kappa, epochs):
    """The usual torch loop. -> list of costs before each step"""
    optimiser = torch.optim.SGD(model.parameters(), lr=kappa)
    costs = []
    for _ in range(epochs):
        optimiser.zero_grad()
        cost = torch.nn.functional.cross_entropy(model(x), labels)
        cost.backward()
        optimiser.step()
        costs.append(cost.item())
    return costs


def test_training_equals_torch_and_takes_at_most_three_times_as_long(hw4):
    """Same costs step by step; the best of several interleaved runs, on one thread each."""
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(128, 20)), rng.integers(10, size=128)
    inputs, targets = torch.tensor(x), torch.tensor(labels)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    ours_s, theirs_s = [], []
    try:
        for _ in range(6):
            layers = [hw4.Linear(20, 64, rng), hw4.Logistic(), hw4.Linear(64, 10, rng)]
            net = hw4.Net(layers)
            model = torch_copy(net, 20, 64, 10)
            start = time.perf_counter()
            ours = hw4.train(net, hw4.softmax_cross_entropy, x, labels, 0.5, 50)
            middle = time.perf_counter()
            theirs = torch_train(model, inputs, targets, 0.5, 50)
            theirs_s.append(time.perf_counter() - middle)
            ours_s.append(middle - start)
            np.testing.assert_allclose(ours, theirs, rtol=1e-9)
    finally:
        torch.set_num_threads(threads)
    assert min(ours_s) <= 3.0 * min(theirs_s)
