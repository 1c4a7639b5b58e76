"""Homework 3 with plain loops over samples and units, and batches from a shuffled list."""

import math

import numpy as np


def numerical_gradient(f, theta, delta=1e-5):
    flat = np.array(theta, dtype=float).reshape(-1)
    result = []
    for i in range(len(flat)):
        values = []
        for sign in (1, -1):
            moved = flat.copy()
            moved[i] = moved[i] + sign * delta
            values.append(f(moved.reshape(np.shape(theta))))
        result.append((values[0] - values[1]) / delta / 2)
    return np.array(result).reshape(np.shape(theta))


def toy_forward(a, b):
    return [a + b, b + 1, (a + b) * (b + 1)]


def toy_backward(a, b):
    return [b + 1.0, a + 2.0 * b + 1.0]


def sigmoid_of_number(z):
    if z >= 0:
        return 1.0 / (1.0 + math.exp(-z))
    return math.exp(z) / (1.0 + math.exp(z))


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    flat = [sigmoid_of_number(value) for value in z.reshape(-1)]
    return np.array(flat).reshape(z.shape)


def bernoulli_cross_entropy(y, t):
    total = 0.0
    for y_row, t_row in zip(y, t, strict=True):
        for p, label in zip(y_row, t_row, strict=True):
            p = min(max(p, 1e-12), 1 - 1e-12)
            total -= label * math.log(p) + (1 - label) * math.log(1 - p)
    return total / len(y)


class LinearSigmoidLayer:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.standard_normal((n_in, n_out)) / math.sqrt(n_in)
        self.grad_W = None

    def forward(self, x):
        self.inputs = [row.copy() for row in x]
        self.outputs = [sigmoid(row @ self.W) for row in x]
        return np.array(self.outputs)

    def backward(self, grad_out):
        self.grad_W = np.zeros(self.W.shape)
        grad_in = []
        for x, y, g in zip(self.inputs, self.outputs, grad_out, strict=True):
            dz = g * (y - y * y)
            self.grad_W += np.outer(x, dz)
            grad_in.append(self.W @ dz)
        return np.array(grad_in)


class Net:
    def __init__(self, n_in, n_hidden, rng):
        self.hidden = LinearSigmoidLayer(n_in, n_hidden, rng)
        self.output = LinearSigmoidLayer(n_hidden, 1, rng)

    def forward(self, X):
        h = self.hidden.forward(X)
        return self.output.forward(h)

    def loss(self, X, t):
        return bernoulli_cross_entropy(self.forward(X), t)

    def backward(self, X, t):
        grad_y = []
        for y_row, t_row in zip(self.forward(X), t, strict=True):
            y = min(max(y_row[0], 1e-12), 1 - 1e-12)
            grad_y.append([(-t_row[0] / y + (1 - t_row[0]) / (1 - y)) / len(X)])
        self.hidden.backward(self.output.backward(np.array(grad_y)))


def activate(z, name):
    z = np.asarray(z, dtype=float)
    if name == "softmax":
        rows = []
        for row in z.reshape(-1, z.shape[-1]):
            e = [math.exp(value - max(row)) for value in row]
            rows.append([value / sum(e) for value in e])
        return np.array(rows).reshape(z.shape)
    function = {
        "sigmoid": sigmoid_of_number,
        "tanh": math.tanh,
        "relu": lambda value: value if value > 0 else 0.0,
        "identity": lambda value: value,
    }[name]
    return np.array([function(value) for value in z.reshape(-1)]).reshape(z.shape)


def activation_derivative(z, name):
    h = activate(z, name)
    if name == "sigmoid":
        return h - h**2
    if name == "tanh":
        return (1 - h) * (1 + h)
    if name == "relu":
        return z > 0
    return np.full(z.shape, 1.0)


def loss_value(Y, T, name):
    if name == "bernoulli_cross_entropy":
        return bernoulli_cross_entropy(Y, T)
    total = 0.0
    for y_row, t_row in zip(Y, T, strict=True):
        for y, t in zip(y_row, t_row, strict=True):
            if name == "mean_squared_error":
                total += (y - t) ** 2 / 2
            else:
                total -= t * math.log(max(y, 1e-12))
    return total / len(Y)


class Layer:
    pass


class MLP:
    def __init__(self, sizes, activations, loss_name, rng):
        self.loss_name = loss_name
        self.layers = []
        for i in range(len(activations)):
            layer = Layer()
            layer.W = rng.normal(scale=sizes[i] ** -0.5, size=(sizes[i], sizes[i + 1]))
            layer.b = np.zeros(sizes[i + 1])
            layer.activation = activations[i]
            self.layers.append(layer)

    def forward(self, X):
        return np.array([self.forward_of_sample(x)[1][-1] for x in X])

    def forward_of_sample(self, x):
        zs, hs = [], [x]
        for layer in self.layers:
            zs.append(layer.b + hs[-1] @ layer.W)
            hs.append(activate(zs[-1], layer.activation))
        return zs, hs

    def loss(self, X, T):
        return loss_value(self.forward(X), T, self.loss_name)

    def backward(self, X, T):
        for layer in self.layers:
            layer.grad_W = np.zeros(layer.W.shape)
            layer.grad_b = np.zeros(layer.b.shape)
        for x, t in zip(X, T, strict=True):
            zs, hs = self.forward_of_sample(x)
            dz = hs[-1] - t
            if self.loss_name == "mean_squared_error":
                dz = dz * activation_derivative(zs[-1], self.layers[-1].activation)
            for i in range(len(self.layers) - 1, -1, -1):
                layer = self.layers[i]
                layer.grad_W += np.outer(hs[i], dz) / len(X)
                layer.grad_b += dz / len(X)
                if i > 0:
                    slope = activation_derivative(zs[i - 1], self.layers[i - 1].activation)
                    dz = slope * (layer.W @ dz)


def train(net, X, T, step_size, batch_size, n_epochs, rng):
    losses = []
    for _ in range(n_epochs):
        waiting = list(range(len(X)))
        rng.shuffle(waiting)
        while waiting:
            batch, waiting = waiting[:batch_size], waiting[batch_size:]
            net.backward(X[batch], T[batch])
            for layer in net.layers:
                layer.W -= step_size * layer.grad_W
                layer.b -= step_size * layer.grad_b
        losses.append(net.loss(X, T))
    return np.array(losses)


def train_xor(rng):
    X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    T = np.array([[0.0], [1], [1], [0]])
    net = MLP([2, 16, 1], ["tanh", "sigmoid"], "bernoulli_cross_entropy", rng)
    train(net, X, T, 2.0, 4, 120, rng)
    return net


def sigmoid_sum(x, w, theta, alpha):
    result = np.zeros(len(x))
    for w_j, theta_j, alpha_j in zip(w, theta, alpha, strict=True):
        result = result + alpha_j * sigmoid(w_j * x + theta_j)
    return result


def step_approximation(f, a, b, n):
    """Steps at the knots' midpoints; f is asked for one point at a time."""
    h = (b - a) / n
    values = [float(f(np.array([a + j * h]))[0]) for j in range(n)]
    values.append(float(f(np.array([b]))[0]))
    w, theta, alpha = [0.0], [50.0], [values[0]]  # sigmoid(50) is 1 in float64
    for j in range(n):
        w.append(30 / h)
        theta.append(-30 / h * (a + (j + 0.5) * h))
        alpha.append(values[j + 1] - values[j])
    return np.array(w), np.array(theta), np.array(alpha)


quiz_answers = {"q1": "660", "q2": "C", "q3": ("d", "a")}
