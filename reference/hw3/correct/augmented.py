"""Homework 3 with augmented weights [W; b]: W, b and their gradients are properties."""

import numpy as np


def numerical_gradient(f, theta, delta=1e-5):
    """Shifts theta itself and puts the very same number back."""
    grad = np.empty(theta.shape)
    iterator = np.nditer(theta, flags=["multi_index"])
    for _ in iterator:
        i = iterator.multi_index
        kept = theta[i]
        theta[i] = kept - delta
        low = f(theta)
        theta[i] = kept + delta
        high = f(theta)
        theta[i] = kept
        grad[i] = (high - low) / (2 * delta)
    return grad


def toy_forward(a, b):
    c, d = a + b, b + 1
    return c, d, c * d


def toy_backward(a, b):
    nodes = toy_forward(a, b)
    return nodes[1], nodes[0] + nodes[1]


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


def bernoulli_cross_entropy(y, t):
    y = np.minimum(np.maximum(y, 1e-12), 1 - 1e-12)
    return np.average(np.sum(-t * np.log(y) - (1 - t) * np.log1p(-y), axis=-1))


def augmented(x):
    return np.column_stack([x, np.ones(len(x))])


class Dense:
    """h = sigma([x, 1] @ A) with A (d_in + 1, d_out); W and b are views of A."""

    def __init__(self, d_in, d_out, activation, rng):
        self.A = np.zeros((d_in + 1, d_out))
        self.A[:-1] = rng.normal(0, 1 / np.sqrt(d_in), (d_in, d_out))
        self.grad_A = np.zeros_like(self.A)
        self.activation = activation

    @property
    def W(self):
        return self.A[:-1]

    @W.setter
    def W(self, value):
        self.A[:-1] = value

    @property
    def b(self):
        return self.A[-1]

    @b.setter
    def b(self, value):
        self.A[-1] = value

    @property
    def grad_W(self):
        return self.grad_A[:-1]

    @property
    def grad_b(self):
        return self.grad_A[-1]

    def forward(self, x):
        self.x = augmented(x)
        self.z = self.x @ self.A
        self.h = activate(self.z, self.activation)
        return self.h

    def backward_from_z(self, dz):
        self.grad_A = self.x.T @ dz
        return dz @ self.A[:-1].T

    def backward(self, grad_out):
        if self.activation == "softmax":
            inner = np.sum(grad_out * self.h, axis=1, keepdims=True)
            return self.backward_from_z(self.h * (grad_out - inner))
        return self.backward_from_z(grad_out * activation_derivative(self.z, self.activation))


class LinearSigmoidLayer(Dense):
    """A Dense layer whose bias is 0 and stays 0."""

    def __init__(self, n_in, n_out, rng):
        super().__init__(n_in, n_out, "sigmoid", rng)


class Net:
    def __init__(self, n_in, n_hidden, rng):
        self._layers = [
            LinearSigmoidLayer(n_in, n_hidden, rng),
            LinearSigmoidLayer(n_hidden, 1, rng),
        ]

    hidden = property(lambda self: self._layers[0])
    output = property(lambda self: self._layers[1])

    def forward(self, X):
        for layer in self._layers:
            X = layer.forward(X)
        return X

    def loss(self, X, t):
        return bernoulli_cross_entropy(self.forward(X), t)

    def backward(self, X, t):
        grad = self.output.backward_from_z((self.forward(X) - t) / len(t))
        self.hidden.backward(grad)
        return self.loss(X, t)


def activate(z, name):
    match name:
        case "sigmoid":
            return sigmoid(z)
        case "tanh":
            return 2 * sigmoid(2 * z) - 1
        case "relu":
            return np.where(z > 0, z, 0.0)
        case "softmax":
            return np.exp(z - np.logaddexp.reduce(z, axis=-1, keepdims=True))
    return z.copy()


def activation_derivative(z, name):
    match name:
        case "sigmoid":
            return sigmoid(z) * sigmoid(-z)
        case "tanh":
            return 4 * sigmoid(2 * z) * sigmoid(-2 * z)
        case "relu":
            return (np.sign(z) + 1) // 2
    return np.ones(z.shape)


def loss_value(Y, T, name):
    if name == "mean_squared_error":
        return 0.5 * np.linalg.norm(Y - T) ** 2 / len(Y)
    if name == "categorical_cross_entropy":
        chosen = Y[np.arange(len(Y)), np.argmax(T, axis=1)]
        return -np.log(np.clip(chosen, 1e-12, None)).mean()
    return bernoulli_cross_entropy(Y, T)


class MLP:
    def __init__(self, sizes, activations, loss_name, rng):
        self.loss_name = loss_name
        self.dense = [
            Dense(sizes[i], sizes[i + 1], activation, rng)
            for i, activation in enumerate(activations)
        ]

    @property
    def layers(self):
        return list(self.dense)

    def forward(self, X):
        for layer in self.dense:
            X = layer.forward(X)
        return X

    def loss(self, X, T):
        return loss_value(self.forward(X), T, self.loss_name)

    def backward(self, X, T):
        error = (self.forward(X) - T) / len(X)
        *rest, last = self.dense
        squared = self.loss_name == "mean_squared_error"
        grad = last.backward(error) if squared else last.backward_from_z(error)
        for layer in rest[::-1]:
            grad = layer.backward(grad)


def train(net, X, T, step_size, batch_size, n_epochs, rng):
    losses = np.full(n_epochs, np.nan)
    both = np.hstack([X, T])
    d = X.shape[1]
    for epoch in range(n_epochs):
        shuffled = rng.permutation(both)
        n_batches = int(np.ceil(len(both) / batch_size))
        for k in range(n_batches):
            rows = shuffled[k * batch_size : (k + 1) * batch_size]
            net.backward(rows[:, :d], rows[:, d:])
            for layer in net.layers:
                layer.W, layer.b = (
                    layer.W - step_size * layer.grad_W,
                    layer.b - step_size * layer.grad_b,
                )
        losses[epoch] = net.loss(X, T)
    return losses


def train_xor(rng):
    X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    T = np.array([[1.0, 0], [0, 1], [0, 1], [1, 0]])[:, 1:]
    net = MLP([2, 32, 1], ["tanh", "sigmoid"], "bernoulli_cross_entropy", rng)
    losses = [np.inf]
    while losses[-1] > 0.02:
        losses = train(net, X, T, 1.0, 4, 20, rng)
    return net


def sigmoid_sum(x, w, theta, alpha):
    hidden = sigmoid(augmented(x) @ np.vstack([w, theta]))
    return hidden @ alpha


def step_approximation(f, a, b, n):
    """Ramps: sigmoids so wide that they overlap a little, which lowers the error."""
    x = a + (b - a) * np.arange(n + 1) / n
    x[-1] = b
    y = f(x)
    steepness = 8.0 * n / (b - a)
    w = np.array([0.0] + [steepness] * n)
    theta = np.concatenate([[0.0], -steepness * (x[1:] + x[:-1]) / 2])
    first = y[0] - np.sum((y[1:] - y[:-1]) * sigmoid(steepness * a + theta[1:]))
    alpha = np.concatenate([[2 * first], y[1:] - y[:-1]])  # exact at x = a
    return w, theta, alpha


quiz_answers = {"q1": 660, "q2": "c", "q3": ["a", "d"]}
