"""Homework 1 by plain Python: loops, the math module, whole numbers where 0 and 1 are asked for."""

import math

import numpy as np


def elementwise(f, z):
    """f of every entry of z, in a new array of z's shape."""
    return np.array([f(float(x)) for x in np.ravel(z)]).reshape(np.shape(z))


def step(z):
    if np.ndim(z) == 0:
        return 1 if z > 0 else 0
    return elementwise(lambda x: 1 if x > 0 else 0, z)


def perceptron(x, w, b):
    if x.ndim == 2:
        return np.array([perceptron(row, w, b) for row in x])
    total = b
    for x_i, w_i in zip(x, w, strict=True):
        total += x_i * w_i
    return 1 if total > 0 else 0


def and_gate():
    return np.array([2, 2]), -3


def or_gate():
    return [np.array([5, 7]), -1]


def nand_gate():
    return np.array([-3, -2]), 4


def sigmoid_of(x):
    if x < 0:
        return math.exp(x) / (1 + math.exp(x))
    return 1 / (1 + math.exp(-x))


def sigmoid(z):
    return elementwise(sigmoid_of, z)


def sigmoid_prime(z):
    return elementwise(lambda x: sigmoid_of(x) * sigmoid_of(-x), z)


def tanh(z):
    return elementwise(math.tanh, z)


def tanh_prime(z):
    return elementwise(lambda x: 1 - math.tanh(x) ** 2, z)


def relu(z):
    return elementwise(lambda x: max(0.0, x), z)


def relu_prime(z):
    return elementwise(lambda x: int(x > 0), z)


def leaky_relu(z, slope=0.01):
    return elementwise(lambda x: x if x > 0 else slope * x, z)


def leaky_relu_prime(z, slope=0.01):
    return elementwise(lambda x: 1.0 if x > 0 else slope, z)


def softmax(z):
    if z.ndim > 1:
        return np.array([softmax(row) for row in z])
    largest = max(z)
    e = [math.exp(x - largest) for x in z]
    return np.array([x / sum(e) for x in e])


def one_hot(z):
    if z.ndim > 1:
        return np.array([one_hot(row) for row in z])
    scores = list(z)
    best = scores.index(max(scores))
    return np.array([int(i == best) for i in range(len(scores))])


def log(p):
    return math.log(max(p, 1e-12))


def mean_squared_error(y, t):
    total = 0.0
    for y_n, t_n in zip(y, t, strict=True):
        for a, b in zip(y_n, t_n, strict=True):
            total += (a - b) ** 2 / 2
    return total / len(y)


def bernoulli_cross_entropy(y, t):
    total = 0.0
    for y_n, t_n in zip(y, t, strict=True):
        total -= log(y_n) if t_n == 1 else log(1 - y_n)
    return total / len(y)


def categorical_cross_entropy(y, t):
    total = 0.0
    for y_n, t_n in zip(y, t, strict=True):
        total -= log(y_n[list(t_n).index(1)])
    return total / len(y)


def count_parameters(sizes):
    if len(sizes) < 2:
        return 0
    return (sizes[0] + 1) * sizes[1] + count_parameters(sizes[1:])


def neuron(X, theta):
    return np.array([sigmoid_of(float(row @ theta)) for row in X])


def log_likelihood_gradient(X, y, theta):
    gradient = np.zeros(len(theta))
    for row, y_n, p in zip(X, y, neuron(X, theta), strict=True):
        gradient = gradient + (y_n - p) * row
    return gradient / len(X)


def fit(X, y, step_size, threshold, max_iterations):
    theta = np.array([1.0] * X.shape[1])
    for steps in range(1, max_iterations + 1):
        new = theta + step_size * log_likelihood_gradient(X, y, theta)
        distance = math.dist(new, theta)
        theta = new
        if distance <= threshold:
            return theta, steps
    return theta, max_iterations


quiz_answers = {"q1": "C", "q2": 51.0, "q3": "b"}
