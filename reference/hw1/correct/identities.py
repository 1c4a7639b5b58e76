"""Homework 1 by other formulas: tanh for the sigmoid, logarithms for softmax, masks for relu."""

import numpy as np


def step(z):
    return np.heaviside(z, 0.0)


def perceptron(x, w, b):
    return np.heaviside(np.dot(x, w) + b, 0)


def and_gate():
    return np.array([0.4, 0.4]), np.float64(-0.5)


def or_gate():
    return np.array([1.0, 1.0]), np.array(-0.9)


def nand_gate():
    return -and_gate()[0], 0.5


def sigmoid(z):
    return 0.5 * (1 + np.tanh(z / 2))


def sigmoid_prime(z):
    return 0.25 * (1 - np.tanh(z / 2) ** 2)


def tanh(z):
    return 2 * sigmoid(2 * z) - 1


def tanh_prime(z):
    return 4 * sigmoid_prime(2 * z)


def relu(z):
    return (z + np.abs(z)) / 2


def relu_prime(z):
    return np.where(z > 0, 1, 0)


def leaky_relu(z, slope=0.01):
    return np.maximum(z, slope * z)


def leaky_relu_prime(z, slope=0.01):
    d = np.full(z.shape, float(slope))
    d[z > 0] = 1.0
    return d


def softmax(z):
    return np.exp(z - np.logaddexp.reduce(z, axis=-1, keepdims=True))


def one_hot(z):
    out = np.zeros_like(z)
    np.put_along_axis(out, np.argmax(z, axis=-1)[..., None], 1, axis=-1)
    return out


def mean_squared_error(y, t):
    return ((y - t) ** 2).sum(axis=1).mean() / 2


def bernoulli_cross_entropy(y, t):
    y = np.clip(y, 1e-12, 1 - 1e-12)
    return -(t * np.log(y) + (1 - t) * np.log(1 - y)).mean()


def categorical_cross_entropy(y, t):
    of_label = (y * t).sum(axis=1)
    return -np.log(of_label + 1e-12).sum() / len(y)


def count_parameters(sizes):
    sizes = np.array(sizes)
    return np.sum(sizes[:-1] * sizes[1:]) + np.sum(sizes[1:])


def neuron(X, theta):
    return np.exp(-np.logaddexp(0, -X @ theta))


def log_likelihood_gradient(X, y, theta):
    return np.mean((y - neuron(X, theta))[:, np.newaxis] * X, axis=0)


def fit(X, y, step_size, threshold, max_iterations):
    theta, old, steps = np.ones(X.shape[1]), np.full(X.shape[1], np.inf), 0
    while steps < max_iterations and np.linalg.norm(theta - old) > threshold:
        theta, old = theta + step_size * log_likelihood_gradient(X, y, theta), theta
        steps += 1
    return [theta, np.int64(steps)]


quiz_answers = {"q1": "c", "q2": "51", "q3": " B "}
