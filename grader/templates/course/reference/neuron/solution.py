# %% [markdown]
# # A linear neuron
#
# Write each function where it says `raise NotImplementedError`. The handout (`handout.md`) has the
# formulas. `X: (N, d)` holds a sample in each row; all arrays are float64.

# %%
"""A linear neuron, trained by gradient descent."""

import numpy as np

# %% [markdown]
# ## Problem 1: prediction and loss


# %%
def predict(X, w, b):
    """y = X w + b for X (N, d), w (d,) and a float b; returns (N,)."""
    # BEGIN SOLUTION Problem 1: predict
    return X @ w + b  # (N,)
    # END SOLUTION


def loss(X, t, w, b):
    """The mean over samples of half the squared error (y - t)²; t (N,); returns a float."""
    # BEGIN SOLUTION Problem 1: loss
    errors = predict(X, w, b) - t  # (N,)
    return float(np.mean(0.5 * errors**2))
    # END SOLUTION


# %% [markdown]
# ## Problem 2: gradient descent


# %%
def gradient(X, t, w, b):
    """The pair of dL/dw (d,) and dL/db, a float, of the loss L."""
    # BEGIN SOLUTION Problem 2: gradient
    dy = (predict(X, w, b) - t) / X.shape[0]  # (N,), dL/dy
    return X.T @ dy, float(np.sum(dy))
    # END SOLUTION


def fit(X, t, step_size, n_steps):
    """Gradient descent from zero weights and bias; returns (w (d,), b)."""
    # BEGIN SOLUTION Problem 2: fit
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(n_steps):
        dw, db = gradient(X, t, w, b)
        w = w - step_size * dw
        b = b - step_size * db
    return w, b
    # END SOLUTION


# %% [markdown]
# ## Problem 3: quiz
# The question is in `quiz.toml`. q1: a letter, such as `"c"`.

# %%
quiz_answers = {
    # BEGIN SOLUTION DROP
    "q1": "a",
    # END SOLUTION
}
