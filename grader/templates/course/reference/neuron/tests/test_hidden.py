"""Hidden tests: the same questions at inputs that nobody can learn by heart.

Each test is inputs, call, expected, one assert. All sizes differ, so that no axis can be confused.
"""

import numpy as np

from grader.testing import assert_close, check, numerical_gradient


def pair(result, what):
    """The two parts of a result, once it is known to be a tuple of two."""
    check(
        isinstance(result, tuple) and len(result) == 2,
        what=what,
        expected="a tuple of two",
        got=type(result).__name__,
    )
    return result


def mean_loss(X, t, w, b):
    """The loss by its formula."""
    return float(np.mean((X @ w + b - t) ** 2) / 2)


def test_predict_of_any_shape(student, rng):
    """predict works for any number of samples and inputs."""
    X, w, b = rng.normal(size=(5, 3)), rng.normal(size=3), float(rng.normal())
    assert_close(
        student.predict(X, w, b),
        X @ w + b,
        what="predict(X, w, b)",
        mistakes={"the bias is missing": X @ w},
    )


def test_loss_is_a_mean_over_samples(student, rng):
    """The loss of six samples is the mean of half their squared errors."""
    X, t = rng.normal(size=(6, 2)), rng.normal(size=6)
    w, b = rng.normal(size=2), float(rng.normal())
    assert_close(
        student.loss(X, t, w, b),
        mean_loss(X, t, w, b),
        what="loss(X, t, w, b)",
        batch_size=6,
        mistakes={"the factor 1/2 is missing": 2 * mean_loss(X, t, w, b)},
    )


def test_gradient_is_the_derivative(student, rng):
    """The gradient of seven samples agrees with central differences of the loss."""
    X, t = rng.normal(size=(7, 4)), rng.normal(size=7)
    w, b = rng.normal(size=4), float(rng.normal())
    dw, db = pair(student.gradient(X, t, w, b), "what gradient returns")
    expected = numerical_gradient(lambda w: mean_loss(X, t, w, b), w)
    assert_close(dw, expected, what="the gradient of w", rtol=1e-6, atol=1e-9, batch_size=7)
    slope = numerical_gradient(lambda b: mean_loss(X, t, w, b[0]), np.array([b]))
    assert_close(db, float(slope[0]), what="the gradient of b", rtol=1e-6, atol=1e-9, batch_size=7)


def test_fit_finds_the_line(student, rng):
    """Twelve steps give what twelve steps of gradient descent give."""
    X, t = rng.normal(size=(8, 2)), rng.normal(size=8)
    found_w, found_b = pair(student.fit(X, t, 0.1, 12), "what fit returns")
    w, b = np.zeros(2), 0.0
    for _ in range(12):
        errors = X @ w + b - t  # (8,)
        w, b = w - 0.1 * errors @ X / 8, b - 0.1 * errors.mean()
    assert_close(found_w, w, what="the weights after 12 steps", rtol=1e-9)
    assert_close(found_b, float(b), what="the bias after 12 steps", rtol=1e-9)


def test_quiz_q1(quiz):
    """Quiz 1: a loss that goes up."""
    quiz.check("q1")
