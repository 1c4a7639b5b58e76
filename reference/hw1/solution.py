# %% [markdown]
# # Homework 1: Neurons
#
# Read the [handout](handout.md) first: it holds the mathematics, the shapes and the points. Replace
# every `raise NotImplementedError(...)` by your own code and keep names and arguments as they are.
#
# Conventions: a batch is rows, `X: (N, d)`; arrays hold 64-bit floats; logarithms are natural; a
# loss over a data set is the **mean** over its samples. No function changes the arrays it is given.

# %%
import numpy as np

# %% [markdown]
# ## Problem 1.1: The perceptron


# %%
def step(z):
    """Return 1 where z > 0 and 0 elsewhere; z is a number or an array, the result has its shape."""
    # BEGIN SOLUTION Problem 1.1: step
    return np.where(np.asarray(z) > 0, 1.0, 0.0)
    # END SOLUTION


def perceptron(x, w, b):
    """Return step(w·x + b): 0 or 1 for one input x (d,), an array (N,) for a batch x (N, d).

    w is (d,), b a number.
    """
    # BEGIN SOLUTION Problem 1.1: perceptron
    z = x @ w + b  # (N,), or a number where x is one input
    return step(z)
    # END SOLUTION


# %% [markdown]
# ## Problem 1.2: Logic gates


# %%
def and_gate():
    """Return (w (2,), b) for which the perceptron computes AND on {0, 1}²."""
    # BEGIN SOLUTION Problem 1.2: and_gate
    return np.array([1.0, 1.0]), -1.5
    # END SOLUTION


def or_gate():
    """Return (w (2,), b) for which the perceptron computes OR on {0, 1}²."""
    # BEGIN SOLUTION Problem 1.2: or_gate
    return np.array([1.0, 1.0]), -0.5
    # END SOLUTION


def nand_gate():
    """Return (w (2,), b) for which the perceptron computes NAND on {0, 1}²."""
    # BEGIN SOLUTION Problem 1.2: nand_gate
    w, b = and_gate()
    return -w, -b  # the same line, the other side; no corner lies on it
    # END SOLUTION


# %% [markdown]
# ## Problem 1.3: Activation functions and their derivatives
#
# Each takes an array z of any shape and returns an array of the same shape.


# %%
def sigmoid(z):
    """Return σ(z) = 1 / (1 + e^-z), elementwise, without a warning for any finite z."""
    # BEGIN SOLUTION Problem 1.3: sigmoid
    e = np.exp(-np.abs(z))  # in (0, 1]: cannot overflow
    return np.where(z >= 0, 1, e) / (1 + e)
    # END SOLUTION


def sigmoid_prime(z):
    """Return σ'(z), elementwise; z is the input of the sigmoid, not its output."""
    # BEGIN SOLUTION Problem 1.3: sigmoid_prime
    y = sigmoid(z)
    return y * (1 - y)
    # END SOLUTION


def tanh(z):
    """Return tanh(z), elementwise."""
    # BEGIN SOLUTION Problem 1.3: tanh
    return np.tanh(z)
    # END SOLUTION


def tanh_prime(z):
    """Return the derivative of tanh at z, elementwise."""
    # BEGIN SOLUTION Problem 1.3: tanh_prime
    return 1 - np.tanh(z) ** 2
    # END SOLUTION


def relu(z):
    """Return max(0, z), elementwise."""
    # BEGIN SOLUTION Problem 1.3: relu
    return np.maximum(0, z)
    # END SOLUTION


def relu_prime(z):
    """Return the derivative of relu at z, elementwise; by convention it is 0 at z = 0."""
    # BEGIN SOLUTION Problem 1.3: relu_prime
    return np.where(z > 0, 1.0, 0.0)
    # END SOLUTION


def leaky_relu(z, slope=0.01):
    """Return z where z > 0 and slope * z elsewhere; slope is a number in (0, 1)."""
    # BEGIN SOLUTION Problem 1.3: leaky_relu
    return np.where(z > 0, z, slope * z)
    # END SOLUTION


def leaky_relu_prime(z, slope=0.01):
    """Return the derivative of leaky_relu at z, elementwise; by convention it is slope at z = 0."""
    # BEGIN SOLUTION Problem 1.3: leaky_relu_prime
    return np.where(z > 0, 1.0, slope)
    # END SOLUTION


# %% [markdown]
# ## Problem 1.4: Softmax and one-hot


# %%
def softmax(z):
    """Return e^z / Σ e^z, summed along the last axis: z (..., C) -> (..., C), for any finite z."""
    # BEGIN SOLUTION Problem 1.4: softmax
    e = np.exp(z - z.max(axis=-1, keepdims=True))  # (..., C), the largest is e^0 = 1
    return e / e.sum(axis=-1, keepdims=True)
    # END SOLUTION


def one_hot(z):
    """Return 1 at the first largest entry along the last axis, else 0: z (..., C) -> (..., C)."""
    # BEGIN SOLUTION Problem 1.4: one_hot
    winner = z.argmax(axis=-1)  # (...), the first one on ties
    return np.eye(z.shape[-1])[winner]  # (..., C)
    # END SOLUTION


# %% [markdown]
# ## Problem 1.5: Losses
#
# y is what the network says, t the target. A probability is raised to at least `EPSILON` before its
# logarithm is taken.

# %%
EPSILON = 1e-12


def mean_squared_error(y, t):
    """Return the mean over samples of ½ ||y - t||², a number; y and t are (N, d)."""
    # BEGIN SOLUTION Problem 1.5: mean_squared_error
    losses = 0.5 * np.sum((y - t) ** 2, axis=1)  # (N,)
    return losses.mean()
    # END SOLUTION


def bernoulli_cross_entropy(y, t):
    """Return the mean over samples of -t ln y - (1 - t) ln(1 - y), a number; y and t are (N,)."""
    # BEGIN SOLUTION Problem 1.5: bernoulli_cross_entropy
    log_one = np.log(np.maximum(y, EPSILON))  # (N,)
    log_zero = np.log(np.maximum(1 - y, EPSILON))  # (N,)
    losses = -(t * log_one + (1 - t) * log_zero)  # (N,)
    return losses.mean()
    # END SOLUTION


def categorical_cross_entropy(y, t):
    """Return the mean over samples of -Σ_c t_c ln y_c, a number.

    y (N, C) holds probabilities, t (N, C) is one-hot.
    """
    # BEGIN SOLUTION Problem 1.5: categorical_cross_entropy
    log_y = np.log(np.maximum(y, EPSILON))  # (N, C)
    losses = -np.sum(t * log_y, axis=1)  # (N,)
    return losses.mean()
    # END SOLUTION


# %% [markdown]
# ## Problem 1.6: Counting parameters


# %%
def count_parameters(sizes):
    """Return how many weights and biases (an int) a dense network has.

    sizes: the layers' numbers of nodes, input first.
    """
    # BEGIN SOLUTION Problem 1.6: count_parameters
    total = 0
    for layer in range(1, len(sizes)):
        d_in, d_out = sizes[layer - 1], sizes[layer]
        total += d_in * d_out + d_out  # W (d_in, d_out) and b (d_out,)
    return total
    # END SOLUTION


# %% [markdown]
# ## Problem 1.7: The logistic neuron
#
# X is (N, d) with a column of ones among its columns for the bias; y is (N,), the labels 0 and 1.


# %%
def neuron(X, theta):
    """Return the probability (N,) of label 1 for every row of X (N, d): σ(X θ); theta is (d,)."""
    # BEGIN SOLUTION Problem 1.7: neuron
    return sigmoid(X @ theta)  # (N,)
    # END SOLUTION


def log_likelihood_gradient(X, y, theta):
    """Return the gradient (d,) of the mean log-likelihood of y (N,) with respect to theta (d,)."""
    # BEGIN SOLUTION Problem 1.7: log_likelihood_gradient
    error = y - neuron(X, theta)  # (N,)
    return error @ X / len(y)  # (d,), mean of (y - neuron) * X over the samples
    # END SOLUTION


def fit(X, y, step_size, threshold, max_iterations):
    """Climb the mean log-likelihood from θ = (1, ..., 1); return (theta (d,), number of steps).

    Ends after the first step with ||Δθ|| <= threshold, at the latest after max_iterations steps.
    """
    # BEGIN SOLUTION Problem 1.7: fit
    theta = np.ones(X.shape[1])  # (d,)
    moved, steps = np.inf, 0
    while moved > threshold and steps < max_iterations:
        delta = step_size * log_likelihood_gradient(X, y, theta)  # (d,)
        theta = theta + delta
        moved, steps = np.sqrt(delta @ delta), steps + 1
    return theta, steps
    # END SOLUTION


# %% [markdown]
# ## Problem 1.8: Quiz
#
# The questions are in [quiz.toml](quiz.toml). Put your answers here, as `"q1": "b"` for a single
# choice, `"q1": ["a", "c"]` for a multiple choice, `"q1": 42` for a numeric question.

# %%
quiz_answers = {
    # BEGIN SOLUTION DROP
    "q1": "c",
    "q2": 51,
    "q3": "b",
    # END SOLUTION
}

# %% [markdown]
# ## Try it
#
# On the iris flowers the neuron learns to tell setosa from the rest by the sepals alone. This takes
# some seconds, so it is not among the tests; it needs scikit-learn, which carries the data.


# %%
def try_the_neuron():
    """Fit the neuron to the iris flowers and print what it has learned."""
    from sklearn.datasets import load_iris

    iris = load_iris()
    sepals = iris.data[:, :2]  # (150, 2): length and width in cm
    X = np.column_stack([sepals, np.ones(len(sepals))])  # (150, 3)
    y = (iris.target != 0).astype(float)  # (150,): 0 for setosa, 1 for the rest
    theta, steps = fit(X, y, step_size=0.1, threshold=5e-5, max_iterations=300_000)
    accuracy = np.mean((neuron(X, theta) > 0.5) == y)
    print(f"theta = {theta.round(2)} after {steps:,} steps, training accuracy {accuracy:.3f}")


if __name__ == "__main__":
    try:
        try_the_neuron()
    except (ImportError, NotImplementedError) as missing:
        print("Not yet:", missing)
