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
    raise NotImplementedError("Problem 3.1: numerical_gradient")


# %% [markdown]
# ## Problem 3.2: a toy graph
# c = a + b, d = b + 1, e = c · d


# %%
def toy_forward(a, b):
    """The nodes (c, d, e) of the toy graph, as floats."""
    raise NotImplementedError("Problem 3.2: toy_forward")


def toy_backward(a, b):
    """The derivatives (de/da, de/db) of the toy graph's output, as floats."""
    raise NotImplementedError("Problem 3.2: toy_backward")


# %% [markdown]
# ## Problem 3.3: a sigmoid layer, and a network of two


# %%
def sigmoid(z):
    """1 / (1 + exp(-z)) for every element; finite and without warnings for any finite z."""
    raise NotImplementedError("Problem 3.3: sigmoid")


def bernoulli_cross_entropy(y, t):
    """Mean over samples of -sum(t log y + (1 - t) log(1 - y)); y, t: (N, K). Returns a float.

    y is first clipped to [1e-12, 1 - 1e-12], so the loss is finite for y of exactly 0 or 1.
    """
    raise NotImplementedError("Problem 3.3: bernoulli_cross_entropy")


class LinearSigmoidLayer:
    """y = sigmoid(x @ W), without bias.

    Attributes: W (n_in, n_out), the weights; grad_W (n_in, n_out), set by backward.
    """

    def __init__(self, n_in, n_out, rng):
        """Draws W from a normal distribution with mean 0 and standard deviation 1/sqrt(n_in)."""
        raise NotImplementedError("Problem 3.3: LinearSigmoidLayer.__init__")

    def forward(self, x):
        """Takes x (N, n_in), returns y (N, n_out), and keeps what backward needs."""
        raise NotImplementedError("Problem 3.3: LinearSigmoidLayer.forward")

    def backward(self, grad_out):
        """Takes dJ/dy (N, n_out), sets grad_W to dJ/dW, returns dJ/dx (N, n_in).

        x and y are those of the last forward. grad_W is replaced, not added to.
        """
        raise NotImplementedError("Problem 3.3: LinearSigmoidLayer.backward")


class Net:
    """Two sigmoid layers, n_in -> n_hidden -> 1, with the Bernoulli cross-entropy.

    Attributes: hidden and output, two LinearSigmoidLayers.
    """

    def __init__(self, n_in, n_hidden, rng):
        """Makes the layer hidden, then the layer output, both with weights from rng."""
        raise NotImplementedError("Problem 3.3: Net.__init__")

    def forward(self, X):
        """Takes X (N, n_in), returns y (N, 1), the probability of label 1."""
        raise NotImplementedError("Problem 3.3: Net.forward")

    def loss(self, X, t):
        """The mean Bernoulli cross-entropy of forward(X) against t (N, 1) in {0, 1}, a float."""
        raise NotImplementedError("Problem 3.3: Net.loss")

    def backward(self, X, t):
        """Runs forward on X (N, n_in), then sets both layers' grad_W to the loss's gradient."""
        raise NotImplementedError("Problem 3.3: Net.backward")


# %% [markdown]
# ## Problem 3.4: a multilayer perceptron with biases, any depth


# %%
def activate(z, name):
    """sigma(z) for name "sigmoid", "tanh", "relu", "identity" or "softmax" (over the last axis)."""
    raise NotImplementedError("Problem 3.4: activate")


def activation_derivative(z, name):
    """sigma'(z), elementwise, at the pre-activation z, for every activation but "softmax".

    The derivative of relu at exactly 0 is 0.
    """
    raise NotImplementedError("Problem 3.4: activation_derivative")


def loss_value(Y, T, name):
    """The mean loss over samples of outputs Y (N, K) against targets T (N, K), a float.

    name is "mean_squared_error", "bernoulli_cross_entropy" or "categorical_cross_entropy".
    Finite for Y of exactly 0 or 1 (clip as in bernoulli_cross_entropy).
    """
    raise NotImplementedError("Problem 3.4: loss_value")


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
        raise NotImplementedError("Problem 3.4: MLP.__init__")

    def forward(self, X):
        """Takes X (N, d_0), returns Y (N, d_L)."""
        raise NotImplementedError("Problem 3.4: MLP.forward")

    def loss(self, X, T):
        """The mean loss of forward(X) against T (N, d_L), a float."""
        raise NotImplementedError("Problem 3.4: MLP.loss")

    def backward(self, X, T):
        """Runs forward on X, then sets every layer's grad_W and grad_b to the mean loss's gradient.

        X and T keep their values; the gradients of an earlier call are replaced.
        """
        raise NotImplementedError("Problem 3.4: MLP.backward")


# %% [markdown]
# ## Problem 3.5: mini-batch stochastic gradient descent


# %%
def train(net, X, T, step_size, batch_size, n_epochs, rng):
    """Mini-batch gradient descent, in place; returns the losses (n_epochs,) after each epoch.

    Every epoch shuffles the samples with rng and uses each of them once: batches of batch_size,
    the last one shorter where batch_size does not divide N. Of net it uses backward(X, T),
    loss(X, T) and each layer's W, b, grad_W, grad_b in net.layers, nothing else.
    """
    raise NotImplementedError("Problem 3.5: train")


def train_xor(rng):
    """Trains an MLP (2 inputs, 1 output) of your choice on XOR with train; returns the MLP.

    |output - target| < 0.1 on all four inputs, for every rng; at most 2 seconds.
    """
    raise NotImplementedError("Problem 3.5: train_xor")


# %% [markdown]
# ## Problem 3.6: universal approximation


# %%
def sigmoid_sum(x, w, theta, alpha):
    """sum_j alpha_j sigmoid(w_j x + theta_j) for x (M,) and w, theta, alpha (J,); returns (M,)."""
    raise NotImplementedError("Problem 3.6: sigmoid_sum")


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
}
