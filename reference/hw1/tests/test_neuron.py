"""Hidden tests of problem 1.7: the gradient against central differences, the steps one by one."""

import numpy as np

from grader.testing import (
    assert_array,
    assert_between,
    assert_close,
    assert_scalar,
    assert_sequence,
    assert_unchanged,
    check_gradient,
)


def probabilities(X, theta):
    """The oracle's neuron."""
    return np.exp(-np.logaddexp(0, -X @ theta))


def climb(X, y, theta, step_size, threshold, max_iterations):
    """The oracle's gradient steps from theta: (theta, steps)."""
    for step in range(1, max_iterations + 1):
        delta = step_size * np.mean((y - probabilities(X, theta))[:, None] * X, axis=0)
        theta = theta + delta
        if np.linalg.norm(delta) <= threshold:
            return theta, step
    return theta, max_iterations


def samples(rng, n, d):
    """X (n, d) with correlated columns and a bias, labels y (n,) that no neuron separates."""
    X = rng.normal(size=(n, 1)) + 0.5 * rng.normal(size=(n, d))
    X[:, -1] = 1.0
    y = np.where(X[:, 0] + rng.normal(size=n) > 0, 1.0, 0.0)
    X[:4] = X[0]  # the same input with both labels
    y[:4] = [0.0, 1.0, 0.0, 1.0]
    return X, y


def theta_and_steps(result, d):
    """The pair that fit returned, once it is known to be one."""
    result = assert_sequence(
        result,
        2,
        what="what fit returns",
        expected="a pair (theta, steps)",
    )
    theta = assert_array(result[0], shape=(d,), what="theta of fit")
    return theta, assert_scalar(result[1], what="steps of fit")


def test_gradient_is_the_slope_of_the_likelihood(student, rng):
    """log_likelihood_gradient is the gradient of the labels' mean log-likelihood; X, y, θ stay."""
    X, y = samples(rng, 7, 4)
    theta = rng.normal(size=4)

    def log_likelihood(theta):
        z = X @ theta
        return float(np.mean(y * z - np.logaddexp(0, z)))

    gradient, arguments = student.with_arguments(student.log_likelihood_gradient, X, y, theta)
    check_gradient(
        log_likelihood,
        {"theta": theta},
        {"theta": gradient},
        what="log_likelihood_gradient(X, y, theta)",
        of="the mean log-likelihood",
        batch_size=7,
    )
    assert_unchanged([X, y, theta], arguments, what="the arguments of log_likelihood_gradient")


def test_fit_takes_gradient_steps(student, rng):
    """fit starts at θ = (1, ..., 1), climbs, and ends after max_iterations steps at the latest."""
    X, y = samples(rng, 12, 3)
    start, rate = np.ones(3), 0.3
    result, arguments = student.with_arguments(student.fit, X, y, rate, 0.0, 25)
    theta, steps = theta_and_steps(result, 3)
    assert_close(
        theta,
        climb(X, y, start, rate, 0.0, 25)[0],
        what="theta after 25 steps",
        rtol=1e-9,
        mistakes={
            "the steps go downhill": climb(X, y, start, -rate, 0.0, 25)[0],
            "the start is (0, ..., 0)": climb(X, y, 0 * start, rate, 0.0, 25)[0],
            "one step more than max_iterations": climb(X, y, start, rate, 0.0, 26)[0],
            "one step less than max_iterations": climb(X, y, start, rate, 0.0, 24)[0],
            "the gradient is summed, not averaged": climb(X, y, start, 12 * rate, 0.0, 25)[0],
        },
    )
    assert_close(steps, 25.0, what="steps taken, where max_iterations is 25")
    assert_unchanged([X, y], arguments[:2], what="X and y after fit")


def test_fit_stops_at_the_threshold(student, rng):
    """fit ends after the first step that is no longer than the threshold."""
    X, y = samples(rng, 30, 3)
    rate, threshold, most = 0.5, 1e-3, 1000
    expected, expected_steps = climb(X, y, np.ones(3), rate, threshold, most)
    theta, steps = theta_and_steps(student.fit(X, y, rate, threshold, most), 3)
    others = {  # θ and steps together: many mistakes end at the cap
        "the last step is not counted": (expected, expected_steps - 1),
        "the last step is not taken": climb(X, y, np.ones(3), rate, 0.0, expected_steps - 1),
        "the gradient's norm is compared, not the step's": climb(
            X, y, np.ones(3), rate, rate * threshold, most
        ),
        "the squared norm is compared": climb(X, y, np.ones(3), rate, threshold**0.5, most),
        "the threshold is not used": climb(X, y, np.ones(3), rate, 0.0, most),
    }
    assert_close(
        steps,
        float(expected_steps),
        what="steps taken until ||Δθ|| is no longer than the threshold",
        rtol=0,
        mistakes={
            words: float(number)
            for words, (reached, number) in others.items()
            if np.allclose(theta, reached, rtol=1e-9)
        },
    )
    assert_close(theta, expected, what="theta at the threshold", rtol=1e-9)


def test_fit_tells_setosa_from_the_rest(student, data):
    """A thousand steps on the iris flowers' sepals, θ as by the formula, tell setosa apart."""
    iris = data.load("iris")
    X = np.column_stack([iris["X"][:, :2], np.ones(150)])  # (150, 3)
    y = np.where(iris["y"] == 0, 0.0, 1.0)
    theta, steps = theta_and_steps(student.fit(X, y, 0.1, 5e-5, 1000), 3)
    assert_close(steps, 1000.0, what="steps taken, where max_iterations is 1000")
    # rounding is not amplified: the largest step that would not oscillate is 0.18
    reached, _ = climb(X, y, np.ones(3), 0.1, 5e-5, 1000)
    assert_close(theta, reached, what="theta after a thousand steps on iris", rtol=1e-7)
    p = assert_array(student.neuron(X, theta), shape=(150,), what="neuron(X, theta)")
    # 149 of 150 after a thousand steps, all 150 after 237,706
    assert_between(
        float(np.mean((p > 0.5) == (y == 1))), 0.99, 1.0, what="training accuracy on iris"
    )
