"""Homework 1 with boolean masks, returned as they are for 0 and 1; clipped exponents."""

from itertools import pairwise

import numpy as np

TINY = 1e-12


def step(z):
    return np.asarray(z) > 0


def perceptron(x, w, b):
    return step((x * w).sum(axis=-1) + b)


def gate(name):
    return {"and": ((1, 1), -1.5), "or": ((2, 2), -1), "nand": ((-2, -2), 3)}[name]


def and_gate():
    w, b = gate("and")
    return np.array(w), b


def or_gate():
    w, b = gate("or")
    return np.array(w), b


def nand_gate():
    w, b = gate("nand")
    return np.array(w), b


def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))


def sigmoid_prime(z):
    return sigmoid(z) - sigmoid(z) ** 2


def tanh(z):
    z = np.clip(z, -300, 300)
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


def tanh_prime(z):
    return 1 / np.cosh(np.clip(z, -300, 300)) ** 2


def relu(z):
    out = z.copy()
    out[out < 0] = 0
    return out


def relu_prime(z):
    return z > 0


def leaky_relu(z, slope=0.01):
    return relu(z) - slope * relu(-z)


def leaky_relu_prime(z, slope=0.01):
    return np.where(relu_prime(z), 1.0, slope)


def softmax(z):
    shifted = (z.T - np.max(z, axis=-1).T).T
    e = np.exp(shifted)
    return (e.T / np.sum(e, axis=-1).T).T


def one_hot(z):
    return np.equal(np.arange(z.shape[-1]), z.argmax(-1)[..., None])


def mean_squared_error(y, t):
    n = y.shape[0]
    return np.linalg.norm(y - t) ** 2 / (2 * n)


def bernoulli_cross_entropy(y, t):
    right = np.where(t == 1, y, 1 - y)
    return -np.mean(np.log(right + TINY))


def categorical_cross_entropy(y, t):
    rows = np.arange(len(y))
    return np.mean(-np.log(np.clip(y, TINY, 1)[rows, t.argmax(axis=1)]))


def count_parameters(sizes):
    return sum(np.empty((a + 1, b)).size for a, b in pairwise(sizes))


def neuron(X, theta):
    return sigmoid(np.einsum("nd,d->n", X, theta))


def log_likelihood_gradient(X, y, theta):
    return X.T.dot(y - neuron(X, theta)) / X.shape[0]


def fit(X, y, step_size, threshold, max_iterations):
    theta = np.ones(X[0].size)
    steps = 0
    while steps < max_iterations:
        change = step_size * log_likelihood_gradient(X, y, theta)
        theta += change
        steps += 1
        if not np.linalg.norm(change) > threshold:
            break
    return theta, steps


quiz_answers = {"q1": "c", "q2": 51, "q3": "b"}
