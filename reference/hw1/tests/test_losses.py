"""Hidden tests of problems 1.5 and 1.6: means over samples, certain predictions, counts."""

import numpy as np

from grader.testing import assert_between, assert_close, assert_scalar, assert_unchanged

SMALLEST = 1e-12  # the handout's EPSILON


def cross_entropy(p):
    """-ln p with the handout's lower bound on p."""
    return -np.log(np.maximum(p, SMALLEST))


def about_infinity(loss):
    """The hint for a loss that is no finite number, and none for another."""
    if type(loss) in (float, np.float64) and not np.isfinite(loss):
        return "ln 0 is -inf and 0 · ln 0 is NaN: bound the probabilities before the logarithm."
    return None


def test_losses_are_means_over_samples(student, rng):
    """The losses of a batch are means over its samples, neither sums nor means over all entries."""
    y, t = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    squares = np.sum((y - t) ** 2, axis=1)  # (N,)
    loss, arguments = student.with_arguments(student.mean_squared_error, y, t)
    assert_close(
        assert_scalar(loss, what="mean_squared_error(y, t)"),
        float(squares.mean() / 2),
        what="mean_squared_error(y, t)",
        rtol=1e-9,
        mistakes={
            "the factor ½ is missing": float(squares.mean()),
            "summed over the samples instead of averaged": float(squares.sum() / 2),
            "averaged over all entries, not over the samples": float(squares.mean() / 6),
            "averaged over all entries, and without the factor ½": float(squares.mean() / 3),
        },
    )
    assert_unchanged([y, t], arguments, what="y and t after mean_squared_error(y, t)")

    y, t = rng.uniform(0.05, 0.95, size=7), np.array([1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0])
    ones, zeros = -np.mean(t * np.log(y)), -np.mean((1 - t) * np.log(1 - y))
    loss = student.bernoulli_cross_entropy(y, t)
    assert_close(
        assert_scalar(loss, what="bernoulli_cross_entropy(y, t)"),
        float(ones + zeros),
        what="bernoulli_cross_entropy(y, t)",
        rtol=1e-6,  # another place of EPSILON moves it by 1e-10
        mistakes={
            "samples with label 0 are left out": float(ones),
            "summed over the samples instead of averaged": float(7 * (ones + zeros)),
            "the logarithm is not the natural one": float((ones + zeros) / np.log(2)),
        },
    )

    y, t = rng.dirichlet(np.ones(3) * 3, size=4), np.eye(3)[[2, 0, 2, 1]]
    each = -np.log(np.sum(y * t, axis=1))  # (N,)
    others = -np.sum((1 - t) * np.log(1 - y), axis=1)  # (N,)
    loss = student.categorical_cross_entropy(y, t)
    assert_close(
        assert_scalar(loss, what="categorical_cross_entropy(y, t)"),
        float(each.mean()),
        what="categorical_cross_entropy(y, t)",
        rtol=1e-6,
        mistakes={
            "summed over the samples instead of averaged": float(each.sum()),
            "averaged over all entries, not over the samples": float(each.mean() / 3),
            "the logarithm is not the natural one": float(each.mean() / np.log(2)),
            "the terms (1 - t) ln(1 - y) do not belong here": float((each + others).mean()),
        },
    )


def test_cross_entropies_of_certain_predictions(student):
    """Predictions of 0 and 1 cost nothing if right and a finite amount if wrong; y and t stay."""
    y, t = np.array([0.0, 1.0, 1.0]), np.array([0.0, 1.0, 1.0])
    for name, right in (
        ("bernoulli_cross_entropy", (y, t)),
        ("categorical_cross_entropy", (np.eye(4)[[1, 3]], np.eye(4)[[1, 3]])),
    ):
        loss, arguments = student.with_arguments(getattr(student, name), *right)
        what = f"{name} of certain, right predictions"
        # three values of EPSILON at the most
        assert_between(loss, -1e-11, 1e-11, what=what, hint=about_infinity(loss))
        assert_unchanged(list(right), arguments, what=f"y and t after {name}(y, t)")

    y, t = np.array([0.0, 1.0, 0.0, 0.5, 1.0]), np.array([1.0, 0.0, 0.0, 1.0, 1.0])
    expected = float(np.mean(cross_entropy(np.where(t == 1, y, 1 - y))))
    what = "bernoulli_cross_entropy of certain, wrong predictions"
    loss = student.bernoulli_cross_entropy(y, t)
    zeros = float(np.mean((1 - t) * cross_entropy(1 - y)))
    # 1 - (1 - 1e-12) is 1e-12 to four digits: its logarithm, 27.6, is off by 1e-4
    assert_close(
        assert_scalar(loss, what=what, hint=about_infinity(loss)),
        expected,
        what=what,
        rtol=1e-4,
        mistakes={
            "samples with label 0 are left out": expected - zeros,
            "samples with label 1 are left out": zeros,
            "the logarithm is not the natural one": expected / np.log(2),
        },
    )

    y, t = np.array([[0.0, 1.0, 0.0], [0.5, 0.0, 0.5]]), np.eye(3)[[0, 1]]
    what = "categorical_cross_entropy of certain, wrong predictions"
    loss = student.categorical_cross_entropy(y, t)
    assert_close(
        assert_scalar(loss, what=what, hint=about_infinity(loss)),
        float(cross_entropy(0.0)),
        what=what,
        rtol=1e-4,
        mistakes={"the logarithm is not the natural one": float(cross_entropy(0.0) / np.log(2))},
    )


def test_count_parameters_of_other_networks(student, rng):
    """Weights and biases of dense networks with one to four layers of nodes after the input."""
    for depth in (1, 2, 3, 4):
        sizes = [int(n) for n in rng.permutation(np.arange(2, 12))[: depth + 1]]
        weights = sum(sizes[k] * sizes[k + 1] for k in range(depth))
        n = assert_scalar(student.count_parameters(sizes), what="count_parameters(sizes)")
        assert_close(
            n,
            float(weights + sum(sizes[1:])),
            what=f"count_parameters of {depth + 1} sizes",
            mistakes={
                "the biases are left out": float(weights),
                "the inputs are given biases, too": float(weights + sum(sizes)),
                "one bias for each layer instead of each node": float(weights + depth),
            },
        )
