"""A correct solution without matrix products: sums over samples and inputs."""

import numpy as np


def predict(X, w, b):
    return np.array([sum(x_i * w_i for x_i, w_i in zip(x, w, strict=True)) + b for x in X])


def loss(X, t, w, b):
    total = 0.0
    for y_n, t_n in zip(predict(X, w, b), t, strict=True):
        total += (y_n - t_n) ** 2 / 2
    return total / len(X)


def gradient(X, t, w, b):
    dw, db = np.zeros(X.shape[1]), 0.0
    for x, y_n, t_n in zip(X, predict(X, w, b), t, strict=True):
        dw += (y_n - t_n) * x / len(X)
        db += (y_n - t_n) / len(X)
    return dw, db


def fit(X, t, step_size, n_steps):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(n_steps):
        dw, db = gradient(X, t, w, b)
        w -= step_size * dw
        b -= step_size * db
    return w, b


quiz_answers = {"q1": "a"}
