# %% [markdown]
# # Homework 3: Backpropagation from scratch
#
# Write each function and method where it says `raise NotImplementedError`. The handout
# (`handout.md`) explains the mathematics and states every shape. Numpy only; all arrays are
# float64, a batch is rows `X: (N, d)`, a layer computes `z = x @ W + b` with `W: (d_in, d_out)`.

# %%
"""Homework 3: backpropagation from scratch, in numpy."""

import numpy as np

# %% [markdown]
# ## Problem 3.1: numerical gradient


# %%
def numerical_gradient(f, theta, delta=1e-5):
    """Central differences of f at theta, an array of any shape; theta keeps its values.

    f takes an array of theta's shape and returns a float. Returns an array of theta's shape.
    """
    grad = np.zeros(theta.shape)
    for i in np.ndindex(*theta.shape):
        plus = theta.copy()
        minus = theta.copy()
        plus[i] += delta
        minus[i] -= delta
        grad[i] = (f(plus) - f(minus)) / (2 * delta)
    return grad


# %% [markdown]
# ## Problem 3.2: a toy graph
# c = a + b, d = b + 1, e = c · d


# %%
def toy_forward(a, b):
    """The nodes (c, d, e) of the toy graph, as floats."""
    c = a + b
    d = b + 1
    e = c * d
    return c, d, e


def toy_backward(a, b):
    """The derivatives (de/da, de/db) of the toy graph's output, as floats."""
    c, d, _ = toy_forward(a, b)
    return d, d + c


# %% [markdown]
# ## Problem 3.3: a sigmoid layer, and a network of two


# %%
def sigmoid(z):
    """1 / (1 + exp(-z)) for every element; finite and without warnings for any finite z."""
    return 1 / (1 + np.exp(-z))


def bernoulli_cross_entropy(y, t):
    """Mean over samples of -sum(t log y + (1 - t) log(1 - y)); y, t: (N, K). Returns a float.

    y is first clipped to [1e-12, 1 - 1e-12], so the loss is finite for y of exactly 0 or 1.
    """
    loss = -(t * np.log(y) + (1 - t) * np.log(1 - y))
    return loss.sum() / len(y)


class LinearSigmoidLayer:
    """y = sigmoid(x @ W), without bias.

    Attributes: W (n_in, n_out), the weights; grad_W (n_in, n_out), set by backward.
    """

    def __init__(self, n_in, n_out, rng):
        """Draws W from a normal distribution with mean 0 and standard deviation 1/sqrt(n_in)."""
        self.W = rng.normal(0.0, 1 / np.sqrt(n_in), size=(n_in, n_out))
        self.grad_W = np.zeros((n_in, n_out))

    def forward(self, x):
        """Takes x (N, n_in), returns y (N, n_out), and keeps what backward needs."""
        self.x = x
        self.y = sigmoid(x @ self.W)
        return self.y

    def backward(self, grad_out):
        """Takes dJ/dy (N, n_out), sets grad_W to dJ/dW, returns dJ/dx (N, n_in).

        x and y are those of the last forward. grad_W is replaced, not added to.
        """
        self.grad_W = self.x.T @ grad_out
        return grad_out @ self.W.T


class Net:
    """Two sigmoid layers, n_in -> n_hidden -> 1, with the Bernoulli cross-entropy.

    Attributes: hidden and output, two LinearSigmoidLayers.
    """

    def __init__(self, n_in, n_hidden, rng):
        """Makes the layer hidden, then the layer output, both with weights from rng."""
        self.hidden = LinearSigmoidLayer(n_in, n_hidden, rng)
        self.output = LinearSigmoidLayer(n_hidden, 1, rng)

    def forward(self, X):
        """Takes X (N, n_in), returns y (N, 1), the probability of label 1."""
        return self.output.forward(self.hidden.forward(X))

    def loss(self, X, t):
        """The mean Bernoulli cross-entropy of forward(X) against t (N, 1) in {0, 1}, a float."""
        return bernoulli_cross_entropy(self.forward(X), t)

    def backward(self, X, t):
        """Runs forward on X (N, n_in), then sets both layers' grad_W to the loss's gradient."""
        y = self.forward(X)
        dy = (y - t) / (y * (1 - y)) / len(X)
        self.hidden.backward(self.output.backward(dy))


# %% [markdown]
# ## Problem 3.4: a multilayer perceptron with biases, any depth


# %%
def activate(z, name):
    """sigma(z) for name "sigmoid", "tanh", "relu", "identity" or "softmax" (over the last axis)."""
    if name == "sigmoid":
        return sigmoid(z)
    if name == "tanh":
        return np.tanh(z)
    if name == "relu":
        return np.maximum(z, 0)
    if name == "identity":
        return z
    if name == "softmax":
        e = np.exp(z - np.max(z, axis=-1, keepdims=True))  # so that exp does not overflow
        return e / np.sum(e, axis=-1, keepdims=True)
    raise ValueError(f"unknown activation {name!r}")


def activation_derivative(z, name):
    """sigma'(z), elementwise, at the pre-activation z, for every activation but "softmax".

    The derivative of relu at exactly 0 is 0.
    """
    if name == "sigmoid":
        h = sigmoid(z)
        return h * (1 - h)
    if name == "tanh":
        return 1 - np.tanh(z) ** 2
    if name == "relu":
        return np.where(z > 0, 1.0, 0.0)
    if name == "identity":
        return np.ones_like(z)
    raise ValueError(f"no elementwise derivative for {name!r}")


def loss_value(Y, T, name):
    """The mean loss over samples of outputs Y (N, K) against targets T (N, K), a float.

    name is "mean_squared_error", "bernoulli_cross_entropy" or "categorical_cross_entropy".
    Finite for Y of exactly 0 or 1 (clip as in bernoulli_cross_entropy).
    """
    if name == "mean_squared_error":
        return float(np.mean(0.5 * np.sum((Y - T) ** 2, axis=1)))
    if name == "bernoulli_cross_entropy":
        return bernoulli_cross_entropy(Y, T)
    if name == "categorical_cross_entropy":
        log_p = np.log(np.maximum(Y, 1e-12))
        return float(np.mean(-np.sum(T * log_p, axis=1)))
    raise ValueError(f"unknown loss {name!r}")


class Layer:
    """Given: what one layer of an MLP stores. Any class with these four arrays will do."""

    def __init__(self, W, b, activation):
        self.W = W
        self.b = b
        self.activation = activation
        self.grad_W = np.zeros_like(W)
        self.grad_b = np.zeros_like(b)


class MLP:
    """A multilayer perceptron: h_0 = X, z_k = h_{k-1} @ W_k + b_k, h_k = sigma_k(z_k).

    Attributes: layers, a list of Layer, first layer first.
    """

    def __init__(self, sizes, activations, loss_name, rng):
        """sizes [d_0, ..., d_L], activations: L names, loss_name as in loss_value.

        W is normal with mean 0 and standard deviation 1/sqrt(d_in), drawn from rng; b is 0.
        """
        self.loss_name = loss_name
        self.layers = []
        for d_in, d_out, activation in zip(sizes[:-1], sizes[1:], activations, strict=True):
            W = rng.normal(0.0, 1 / np.sqrt(d_in), size=(d_in, d_out))
            b = np.zeros(d_out)
            self.layers.append(Layer(W, b, activation))

    def forward(self, X):
        """Takes X (N, d_0), returns Y (N, d_L)."""
        h = X
        for layer in self.layers:
            layer.h_in = h
            layer.z = h @ layer.W + layer.b
            h = activate(layer.z, layer.activation)
        return h

    def loss(self, X, T):
        """The mean loss of forward(X) against T (N, d_L), a float."""
        return loss_value(self.forward(X), T, self.loss_name)

    def backward(self, X, T):
        """Runs forward on X, then sets every layer's grad_W and grad_b to the mean loss's gradient.

        X and T keep their values; the gradients of an earlier call are replaced.
        """
        Y = self.forward(X)
        last = self.layers[-1]
        dz = (Y - T) / X.shape[0]
        if self.loss_name == "mean_squared_error":
            dz = dz * activation_derivative(last.z, last.activation)
        for k in reversed(range(len(self.layers))):
            layer = self.layers[k]
            layer.grad_W = layer.h_in.T @ dz
            layer.grad_b = np.sum(dz, axis=0)
            if k > 0:
                below = self.layers[k - 1]
                dz = activation_derivative(below.z, below.activation) * (dz @ layer.W.T)


# %% [markdown]
# ## Problem 3.5: mini-batch stochastic gradient descent


# %%
def train(net, X, T, step_size, batch_size, n_epochs, rng):
    """Mini-batch gradient descent, in place; returns the losses (n_epochs,) after each epoch.

    Every epoch shuffles the samples with rng and uses each of them once: batches of batch_size,
    the last one shorter where batch_size does not divide N. Of net it uses backward(X, T),
    loss(X, T) and each layer's W, b, grad_W, grad_b in net.layers, nothing else.
    """
    losses = []
    for epoch in range(n_epochs):
        idx = rng.permutation(len(X))
        for i in range(len(X) // batch_size):
            batch = idx[i * batch_size : (i + 1) * batch_size]
            net.backward(X[batch], T[batch])
            for layer in net.layers:
                layer.W -= step_size * layer.grad_W
                layer.b -= step_size * layer.grad_b
        losses.append(net.loss(X, T))
        print("epoch", epoch, "loss", losses[-1])
    return np.array(losses)


def train_xor(rng):
    """Trains an MLP (2 inputs, 1 output) of your choice on XOR with train; returns the MLP.

    |output - target| < 0.1 on all four inputs, for every rng; at most 2 seconds.
    """
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    T = np.array([[0.0], [1.0], [1.0], [0.0]])
    net = MLP([2, 10, 1], ["tanh", "sigmoid"], "bernoulli_cross_entropy", rng)
    train(net, X, T, step_size=1.0, batch_size=4, n_epochs=200, rng=rng)
    return net


# %% [markdown]
# ## Problem 3.6: universal approximation


# %%
def sigmoid_sum(x, w, theta, alpha):
    """sum_j alpha_j sigmoid(w_j x + theta_j) for x (M,) and w, theta, alpha (J,); returns (M,)."""
    h = sigmoid(np.outer(x, w) + theta)
    return h @ alpha


def step_approximation(f, a, b, n):
    """Hidden units (w, theta, alpha) whose sigmoid_sum approximates f on [a, b].

    f takes an array (M,) of points of [a, b] and returns its values (M,). The three arrays have one
    length, at most n + 1. Error at most S (b - a) / n where f has slope at most S.
    """
    raise NotImplementedError("Problem 3.6: step_approximation")


# %% [markdown]
# ## Problem 3.7: quiz
# The questions are in `quiz.toml`. q1: a number, such as `12`. q2: a letter, such as `"a"`.
# q3: a list of letters, such as `["a", "b"]`.

# %%
quiz_answers = {
    "q1": 660,
    "q2": "c",
    "q3": ["a", "b", "d"],
}
