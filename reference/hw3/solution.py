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
    # BEGIN SOLUTION Problem 3.1: numerical_gradient
    grad = np.zeros_like(theta)
    shifted = theta.copy()  # f sees this copy, so theta is never written to
    for i in np.ndindex(theta.shape):
        shifted[i] = theta[i] + delta
        e_plus = f(shifted)
        shifted[i] = theta[i] - delta
        e_minus = f(shifted)
        shifted[i] = theta[i]
        grad[i] = (e_plus - e_minus) / (2 * delta)
    return grad
    # END SOLUTION


# %% [markdown]
# ## Problem 3.2: a toy graph
# c = a + b, d = b + 1, e = c · d


# %%
def toy_forward(a, b):
    """The nodes (c, d, e) of the toy graph, as floats."""
    # BEGIN SOLUTION Problem 3.2: toy_forward
    c = a + b
    d = b + 1
    e = c * d
    return c, d, e
    # END SOLUTION


def toy_backward(a, b):
    """The derivatives (de/da, de/db) of the toy graph's output, as floats."""
    # BEGIN SOLUTION Problem 3.2: toy_backward
    c, d, _ = toy_forward(a, b)
    de_dc = d
    de_dd = c
    de_da = de_dc * 1
    de_db = de_dc * 1 + de_dd * 1  # two paths lead from b to e: through c and through d
    return de_da, de_db
    # END SOLUTION


# %% [markdown]
# ## Problem 3.3: a sigmoid layer, and a network of two


# %%
def sigmoid(z):
    """1 / (1 + exp(-z)) for every element; finite and without warnings for any finite z."""
    # BEGIN SOLUTION Problem 3.3: sigmoid
    small = np.exp(-np.abs(z))  # in (0, 1], cannot overflow
    return np.where(z >= 0, 1, small) / (1 + small)
    # END SOLUTION


def bernoulli_cross_entropy(y, t):
    """Mean over samples of -sum(t log y + (1 - t) log(1 - y)); y, t: (N, K). Returns a float.

    y is first clipped to [1e-12, 1 - 1e-12], so the loss is finite for y of exactly 0 or 1.
    """
    # BEGIN SOLUTION Problem 3.3: bernoulli_cross_entropy
    y = np.clip(y, 1e-12, 1 - 1e-12)
    per_sample = -np.sum(t * np.log(y) + (1 - t) * np.log(1 - y), axis=1)  # (N,)
    return float(np.mean(per_sample))
    # END SOLUTION


class LinearSigmoidLayer:
    """y = sigmoid(x @ W), without bias.

    Attributes: W (n_in, n_out), the weights; grad_W (n_in, n_out), set by backward.
    """

    def __init__(self, n_in, n_out, rng):
        """Draws W from a normal distribution with mean 0 and standard deviation 1/sqrt(n_in)."""
        # BEGIN SOLUTION Problem 3.3: LinearSigmoidLayer.__init__
        self.W = rng.normal(0.0, 1 / np.sqrt(n_in), size=(n_in, n_out))
        self.grad_W = np.zeros((n_in, n_out))
        # END SOLUTION

    def forward(self, x):
        """Takes x (N, n_in), returns y (N, n_out), and keeps what backward needs."""
        # BEGIN SOLUTION Problem 3.3: LinearSigmoidLayer.forward
        self.x = x  # (N, n_in)
        self.y = sigmoid(x @ self.W)  # (N, n_out)
        return self.y
        # END SOLUTION

    def backward(self, grad_out):
        """Takes dJ/dy (N, n_out), sets grad_W to dJ/dW, returns dJ/dx (N, n_in).

        x and y are those of the last forward. grad_W is replaced, not added to.
        """
        # BEGIN SOLUTION Problem 3.3: LinearSigmoidLayer.backward
        dz = grad_out * self.y * (1 - self.y)  # (N, n_out), sigmoid' = y (1 - y)
        self.grad_W = self.x.T @ dz  # (n_in, n_out), summed over the batch
        return dz @ self.W.T  # (N, n_in)
        # END SOLUTION


class Net:
    """Two sigmoid layers, n_in -> n_hidden -> 1, with the Bernoulli cross-entropy.

    Attributes: hidden and output, two LinearSigmoidLayers.
    """

    def __init__(self, n_in, n_hidden, rng):
        """Makes the layer hidden, then the layer output, both with weights from rng."""
        # BEGIN SOLUTION Problem 3.3: Net.__init__
        self.hidden = LinearSigmoidLayer(n_in, n_hidden, rng)
        self.output = LinearSigmoidLayer(n_hidden, 1, rng)
        # END SOLUTION

    def forward(self, X):
        """Takes X (N, n_in), returns y (N, 1), the probability of label 1."""
        # BEGIN SOLUTION Problem 3.3: Net.forward
        return self.output.forward(self.hidden.forward(X))
        # END SOLUTION

    def loss(self, X, t):
        """The mean Bernoulli cross-entropy of forward(X) against t (N, 1) in {0, 1}, a float."""
        # BEGIN SOLUTION Problem 3.3: Net.loss
        return bernoulli_cross_entropy(self.forward(X), t)
        # END SOLUTION

    def backward(self, X, t):
        """Runs forward on X (N, n_in), then sets both layers' grad_W to the loss's gradient."""
        # BEGIN SOLUTION Problem 3.3: Net.backward
        y = np.clip(self.forward(X), 1e-12, 1 - 1e-12)  # (N, 1)
        dy = (y - t) / (y * (1 - y)) / X.shape[0]  # (N, 1), dJ/dy of the mean loss
        self.hidden.backward(self.output.backward(dy))
        # END SOLUTION


# %% [markdown]
# ## Problem 3.4: a multilayer perceptron with biases, any depth


# %%
def activate(z, name):
    """sigma(z) for name "sigmoid", "tanh", "relu", "identity" or "softmax" (over the last axis)."""
    # BEGIN SOLUTION Problem 3.4: activate
    if name == "sigmoid":
        return sigmoid(z)
    if name == "tanh":
        return np.tanh(z)
    if name == "relu":
        return np.maximum(z, 0)
    if name == "identity":
        return z
    if name == "softmax":
        e = np.exp(z - np.max(z, axis=-1, keepdims=True))  # largest exponent is 0
        return e / np.sum(e, axis=-1, keepdims=True)
    raise ValueError(f"unknown activation {name!r}")
    # END SOLUTION


def activation_derivative(z, name):
    """sigma'(z), elementwise, at the pre-activation z, for every activation but "softmax".

    The derivative of relu at exactly 0 is 0.
    """
    # BEGIN SOLUTION Problem 3.4: activation_derivative
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
    # END SOLUTION


def loss_value(Y, T, name):
    """The mean loss over samples of outputs Y (N, K) against targets T (N, K), a float.

    name is "mean_squared_error", "bernoulli_cross_entropy" or "categorical_cross_entropy".
    Finite for Y of exactly 0 or 1 (clip as in bernoulli_cross_entropy).
    """
    # BEGIN SOLUTION Problem 3.4: loss_value
    if name == "mean_squared_error":
        return float(np.mean(0.5 * np.sum((Y - T) ** 2, axis=1)))
    if name == "bernoulli_cross_entropy":
        return bernoulli_cross_entropy(Y, T)
    if name == "categorical_cross_entropy":
        log_p = np.log(np.maximum(Y, 1e-12))  # (N, K)
        return float(np.mean(-np.sum(T * log_p, axis=1)))
    raise ValueError(f"unknown loss {name!r}")
    # END SOLUTION


class Layer:
    """Given: what one layer of an MLP stores. Any class with these four arrays will do."""

    def __init__(self, W, b, activation):
        self.W = W  # (d_in, d_out)
        self.b = b  # (d_out,)
        self.activation = activation
        self.grad_W = np.zeros_like(W)  # (d_in, d_out)
        self.grad_b = np.zeros_like(b)  # (d_out,)


class MLP:
    """A multilayer perceptron: h_0 = X, z_k = h_{k-1} @ W_k + b_k, h_k = sigma_k(z_k).

    Attributes: layers, a list of Layer, first layer first.
    """

    def __init__(self, sizes, activations, loss_name, rng):
        """sizes [d_0, ..., d_L], activations: L names, loss_name as in loss_value.

        W is normal with mean 0 and standard deviation 1/sqrt(d_in), drawn from rng; b is 0.
        """
        # BEGIN SOLUTION Problem 3.4: MLP.__init__
        self.loss_name = loss_name
        self.layers = []
        for d_in, d_out, activation in zip(sizes[:-1], sizes[1:], activations, strict=True):
            W = rng.normal(0.0, 1 / np.sqrt(d_in), size=(d_in, d_out))
            b = np.zeros(d_out)
            self.layers.append(Layer(W, b, activation))
        # END SOLUTION

    def forward(self, X):
        """Takes X (N, d_0), returns Y (N, d_L)."""
        # BEGIN SOLUTION Problem 3.4: MLP.forward
        h = X
        for layer in self.layers:
            layer.h_in = h  # (N, d_in)
            layer.z = h @ layer.W + layer.b  # (N, d_out)
            h = activate(layer.z, layer.activation)  # (N, d_out)
        return h
        # END SOLUTION

    def loss(self, X, T):
        """The mean loss of forward(X) against T (N, d_L), a float."""
        # BEGIN SOLUTION Problem 3.4: MLP.loss
        return loss_value(self.forward(X), T, self.loss_name)
        # END SOLUTION

    def backward(self, X, T):
        """Runs forward on X, then sets every layer's grad_W and grad_b to the mean loss's gradient.

        X and T keep their values; the gradients of an earlier call are replaced.
        """
        # BEGIN SOLUTION Problem 3.4: MLP.backward
        Y = self.forward(X)
        last = self.layers[-1]
        dz = (Y - T) / X.shape[0]  # (N, d_L), softmax and sigmoid with their cross-entropy
        if self.loss_name == "mean_squared_error":
            dz = dz * activation_derivative(last.z, last.activation)
        for k in reversed(range(len(self.layers))):
            layer = self.layers[k]
            layer.grad_W = layer.h_in.T @ dz  # (d_in, d_out)
            layer.grad_b = np.sum(dz, axis=0)  # (d_out,)
            if k > 0:
                below = self.layers[k - 1]
                dz = activation_derivative(below.z, below.activation) * (dz @ layer.W.T)
        # END SOLUTION


# %% [markdown]
# ## Problem 3.5: mini-batch stochastic gradient descent


# %%
def train(net, X, T, step_size, batch_size, n_epochs, rng):
    """Mini-batch gradient descent, in place; returns the losses (n_epochs,) after each epoch.

    Every epoch shuffles the samples with rng and uses each of them once: batches of batch_size,
    the last one shorter where batch_size does not divide N. Of net it uses backward(X, T),
    loss(X, T) and each layer's W, b, grad_W, grad_b in net.layers, nothing else.
    """
    # BEGIN SOLUTION Problem 3.5: train
    n_samples = X.shape[0]
    losses = np.zeros(n_epochs)
    for epoch in range(n_epochs):
        order = rng.permutation(n_samples)  # (N,), every index once
        for start in range(0, n_samples, batch_size):
            batch = order[start : start + batch_size]  # (m,), m <= batch_size
            net.backward(X[batch], T[batch])
            for layer in net.layers:
                layer.W = layer.W - step_size * layer.grad_W
                layer.b = layer.b - step_size * layer.grad_b
        losses[epoch] = net.loss(X, T)
    return losses
    # END SOLUTION


def train_xor(rng):
    """Trains an MLP (2 inputs, 1 output) of your choice on XOR with train; returns the MLP.

    |output - target| < 0.1 on all four inputs, for every rng; at most 2 seconds.
    """
    # BEGIN SOLUTION Problem 3.5: train_xor
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    T = np.array([[0.0], [1.0], [1.0], [0.0]])
    net = MLP([2, 16, 1], ["tanh", "sigmoid"], "bernoulli_cross_entropy", rng)
    train(net, X, T, step_size=3.0, batch_size=4, n_epochs=50, rng=rng)
    return net
    # END SOLUTION


# %% [markdown]
# ## Problem 3.6: universal approximation


# %%
def sigmoid_sum(x, w, theta, alpha):
    """sum_j alpha_j sigmoid(w_j x + theta_j) for x (M,) and w, theta, alpha (J,); returns (M,)."""
    # BEGIN SOLUTION Problem 3.6: sigmoid_sum
    h = sigmoid(np.outer(x, w) + theta)  # (M, J)
    return h @ alpha  # (M,)
    # END SOLUTION


def step_approximation(f, a, b, n):
    """Hidden units (w, theta, alpha) whose sigmoid_sum approximates f on [a, b].

    f takes an array (M,) of points of [a, b] and returns its values (M,). The three arrays have one
    length, at most n + 1. Error at most S (b - a) / n where f has slope at most S.
    """
    # BEGIN SOLUTION Problem 3.6: step_approximation
    x = np.linspace(a, b, n + 1)  # (n + 1,), knots
    y = f(x)  # (n + 1,)
    h = (b - a) / n  # distance of the knots
    midpoints = (x[:-1] + x[1:]) / 2  # (n,), where the steps are
    steepness = 40 / h  # a step is done within h / 10 or so of its midpoint
    w = np.append(0.0, np.full(n, steepness))  # (n + 1,)
    theta = np.append(0.0, -steepness * midpoints)  # (n + 1,)
    alpha = np.append(2 * y[0], np.diff(y))  # (n + 1,), sigmoid(0) = 1/2 makes y[0]
    return w, theta, alpha
    # END SOLUTION


# %% [markdown]
# ## Problem 3.7: quiz
# The questions are in `quiz.toml`. q1: a number, such as `12`. q2: a letter, such as `"a"`.
# q3: a list of letters, such as `["a", "b"]`.

# %%
quiz_answers = {
    # BEGIN SOLUTION DROP
    "q1": 660,
    "q2": "c",
    "q3": ["a", "d"],
    # END SOLUTION
}
