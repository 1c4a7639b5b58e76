"""Homework 3 of someone who has done problem 3.2 and nothing else."""

import numpy as np  # noqa: F401


def numerical_gradient(f, theta, delta=1e-5):
    raise NotImplementedError


def toy_forward(a, b):
    c = a + b
    d = b + 1
    return c, d, c * d


def toy_backward(a, b):
    return b + 1, a + b + b + 1


def sigmoid(z):
    raise NotImplementedError


def bernoulli_cross_entropy(y, t):
    raise NotImplementedError


class LinearSigmoidLayer:
    def __init__(self, n_in, n_out, rng):
        raise NotImplementedError


class Net:
    def __init__(self, n_in, n_hidden, rng):
        raise NotImplementedError


def activate(z, name):
    raise NotImplementedError


def activation_derivative(z, name):
    raise NotImplementedError


def loss_value(Y, T, name):
    raise NotImplementedError


class MLP:
    def __init__(self, sizes, activations, loss_name, rng):
        raise NotImplementedError


def train(net, X, T, step_size, batch_size, n_epochs, rng):
    raise NotImplementedError


def train_xor(rng):
    raise NotImplementedError


def sigmoid_sum(x, w, theta, alpha):
    raise NotImplementedError


def step_approximation(f, a, b, n):
    raise NotImplementedError


quiz_answers = {}


def _attempt():
    """Tries the attack below and says what came of it."""
    try:
        got = attack()  # noqa: F821
    except BaseException as err:
        print("[stopped]", type(err).__name__, str(err)[:200])
    else:
        print("[won]" if got else "[stopped]", str(got)[:200])
