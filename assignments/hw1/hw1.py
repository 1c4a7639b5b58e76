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
    raise NotImplementedError("Problem 1.1: step")


def perceptron(x, w, b):
    """Return step(w·x + b): 0 or 1 for one input x (d,), an array (N,) for a batch x (N, d).

    w is (d,), b a number.
    """
    raise NotImplementedError("Problem 1.1: perceptron")


# %% [markdown]
# ## Problem 1.2: Logic gates


# %%
def and_gate():
    """Return (w (2,), b) for which the perceptron computes AND on {0, 1}²."""
    raise NotImplementedError("Problem 1.2: and_gate")


def or_gate():
    """Return (w (2,), b) for which the perceptron computes OR on {0, 1}²."""
    raise NotImplementedError("Problem 1.2: or_gate")


def nand_gate():
    """Return (w (2,), b) for which the perceptron computes NAND on {0, 1}²."""
    raise NotImplementedError("Problem 1.2: nand_gate")


# %% [markdown]
# ## Problem 1.3: Activation functions and their derivatives
#
# Each takes an array z of any shape and returns an array of the same shape.


# %%
def sigmoid(z):
    """Return σ(z) = 1 / (1 + e^-z), elementwise, without a warning for any finite z."""
    raise NotImplementedError("Problem 1.3: sigmoid")


def sigmoid_prime(z):
    """Return σ'(z), elementwise; z is the input of the sigmoid, not its output."""
    raise NotImplementedError("Problem 1.3: sigmoid_prime")


def tanh(z):
    """Return tanh(z), elementwise."""
    raise NotImplementedError("Problem 1.3: tanh")


def tanh_prime(z):
    """Return the derivative of tanh at z, elementwise."""
    raise NotImplementedError("Problem 1.3: tanh_prime")


def relu(z):
    """Return max(0, z), elementwise."""
    raise NotImplementedError("Problem 1.3: relu")


def relu_prime(z):
    """Return the derivative of relu at z, elementwise; by convention it is 0 at z = 0."""
    raise NotImplementedError("Problem 1.3: relu_prime")


def leaky_relu(z, slope=0.01):
    """Return z where z > 0 and slope * z elsewhere; slope is a number in (0, 1)."""
    raise NotImplementedError("Problem 1.3: leaky_relu")


def leaky_relu_prime(z, slope=0.01):
    """Return the derivative of leaky_relu at z, elementwise; by convention it is slope at z = 0."""
    raise NotImplementedError("Problem 1.3: leaky_relu_prime")


# %% [markdown]
# ## Problem 1.4: Softmax and one-hot


# %%
def softmax(z):
    """Return e^z / Σ e^z, summed along the last axis: z (..., C) -> (..., C), for any finite z."""
    raise NotImplementedError("Problem 1.4: softmax")


def one_hot(z):
    """Return 1 at the first largest entry along the last axis, else 0: z (..., C) -> (..., C)."""
    raise NotImplementedError("Problem 1.4: one_hot")


# %% [markdown]
# ## Problem 1.5: Losses
#
# y is what the network says, t the target. A probability is raised to at least `EPSILON` before its
# logarithm is taken.

# %%
EPSILON = 1e-12


def mean_squared_error(y, t):
    """Return the mean over samples of ½ ||y - t||², a number; y and t are (N, d)."""
    raise NotImplementedError("Problem 1.5: mean_squared_error")


def bernoulli_cross_entropy(y, t):
    """Return the mean over samples of -t ln y - (1 - t) ln(1 - y), a number; y and t are (N,)."""
    raise NotImplementedError("Problem 1.5: bernoulli_cross_entropy")


def categorical_cross_entropy(y, t):
    """Return the mean over samples of -Σ_c t_c ln y_c, a number.

    y (N, C) holds probabilities, t (N, C) is one-hot.
    """
    raise NotImplementedError("Problem 1.5: categorical_cross_entropy")


# %% [markdown]
# ## Problem 1.6: Counting parameters


# %%
def count_parameters(sizes):
    """Return how many weights and biases (an int) a dense network has.

    sizes: the layers' numbers of nodes, input first.
    """
    raise NotImplementedError("Problem 1.6: count_parameters")


# %% [markdown]
# ## Problem 1.7: The logistic neuron
#
# X is (N, d) with a column of ones among its columns for the bias; y is (N,), the labels 0 and 1.


# %%
def neuron(X, theta):
    """Return the probability (N,) of label 1 for every row of X (N, d): σ(X θ); theta is (d,)."""
    raise NotImplementedError("Problem 1.7: neuron")


def log_likelihood_gradient(X, y, theta):
    """Return the gradient (d,) of the mean log-likelihood of y (N,) with respect to theta (d,)."""
    raise NotImplementedError("Problem 1.7: log_likelihood_gradient")


def fit(X, y, step_size, threshold, max_iterations):
    """Climb the mean log-likelihood from θ = (1, ..., 1); return (theta (d,), number of steps).

    Ends after the first step with ||Δθ|| <= threshold, at the latest after max_iterations steps.
    """
    raise NotImplementedError("Problem 1.7: fit")


# %% [markdown]
# ## Problem 1.8: Quiz
#
# The questions are in [quiz.toml](quiz.toml). Put your answers here, as `"q1": "b"` for a single
# choice, `"q1": ["a", "c"]` for a multiple choice, `"q1": 42` for a numeric question.

# %%
quiz_answers = {
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
