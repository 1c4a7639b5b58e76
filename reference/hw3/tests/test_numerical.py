"""Hidden tests of homework 3 that need no layer: numerical gradient, toy graph, approximation."""

import numpy as np

from grader.testing import (
    assert_array,
    assert_between,
    assert_close,
    assert_sequence,
    assert_unchanged,
    check,
)


def logistic(z):
    """1 / (1 + exp(-z)), without overflow."""
    return 0.5 * (1 + np.tanh(z / 2))


# 3.1 Numerical gradient


def counted_cubic(c):
    """f(θ) = Σ c θ³ + (Σ θ)² / 2 with nothing but θ to call it with, and a list of its calls."""
    calls = []

    def f(theta):
        calls.append(1)
        return float(np.sum(c * theta**3) + 0.5 * np.sum(theta) ** 2)

    return f, calls


def test_numerical_gradient_any_shape(student, rng):
    """Central differences of a cubic function at arrays of one and three axes, to eight digits."""
    delta = 0.01
    for shape in ((4,), (3, 1, 2)):
        c = rng.uniform(1, 2, size=shape)
        theta = rng.uniform(-1, 1, size=shape)
        f, calls = counted_cubic(c)
        gradient = student.numerical_gradient(f, theta, delta)
        slope = 3 * c * theta**2 + np.sum(theta)  # the exact gradient
        before = np.cumsum(np.ones(shape)).reshape(shape) - 1  # entries visited earlier
        assert_close(
            gradient,
            slope + c * delta**2,  # what central differences give for a cubic
            what=f"numerical_gradient at an array of shape {shape}",
            rtol=1e-8,  # rounding in float64 costs 1e-13 here, float32 would cost 6e-8
            mistakes={
                "this is the one-sided difference (f(θ + δ) - f(θ)) / δ": slope
                + (3 * c * theta + 0.5) * delta
                + c * delta**2,
                "this is the one-sided difference (f(θ) - f(θ - δ)) / δ": slope
                - (3 * c * theta + 0.5) * delta
                + c * delta**2,
                "the argument delta is not used": slope,
                "an entry keeps its shift while the next one is shifted": slope
                + c * delta**2
                - before * delta,
                "the difference is divided by δ, not by 2δ": 2 * (slope + c * delta**2),
            },
        )
        check(
            len(calls) <= 2 * theta.size,
            what="the number of calls of f",
            expected="two for every entry of theta",
            got=f"{len(calls)} for {theta.size} entries",
        )
    shifts, theta = [], rng.uniform(-1, 1, size=2)

    def total(t):
        t = assert_array(t, shape=(2,), what="the argument that f is called with")
        shifts.append(float(np.abs(t - theta).max()))
        return float(t.sum())

    gradient = student.numerical_gradient(total, theta)
    assert_close(gradient, np.ones(2), what="numerical_gradient of a sum", rtol=1e-8)
    check(
        len(shifts) == 4,
        what="the number of calls of f with arrays of two entries",
        expected="two for every entry of theta",
        got=f"{len(shifts)} for 2 entries",
    )
    check(
        bool(np.allclose(shifts, 1e-5, rtol=1e-3, atol=0)),
        what="the shift of an entry where delta is not given",
        expected="the default of the signature, 1e-5",
        got=f"{max(shifts):.3g}",
    )


def gradient_at_a_view(student, base, c):
    """Probe: the numerical gradient at a transposed array, and that array afterwards."""
    import numpy as np

    theta = base.copy().T  # not contiguous: ravel() and reshape(-1) would copy
    gradient = student.numerical_gradient(lambda t: float(np.sum(c * t**2)), theta)
    return gradient, np.array(theta)


def test_numerical_gradient_leaves_theta(student, rng):
    """θ, here a transposed array, has its old values to the last bit after the call."""
    base = rng.normal(size=(5, 3))
    c = rng.uniform(1, 2, size=(3, 5))
    result = student.run(gradient_at_a_view, base, c)
    gradient, theta_after = assert_sequence(result, 2, what="gradient and theta")
    theta_after = assert_array(theta_after, shape=(3, 5), what="theta after the call")
    hint = None
    if np.abs(theta_after - base.T).max() < 1e-9:
        hint = "Shift a copy: adding and subtracting δ leaves rounding errors."
    assert_unchanged(
        np.array(base.T),
        np.array(theta_after),
        what="theta",
        hint=hint,
    )
    assert_close(
        gradient,
        2 * c * base.T,
        what="numerical_gradient at a transposed array",
        rtol=1e-6,
        atol=1e-8,
        mistakes={"the changes went into a copy that f never sees": np.zeros((3, 5))},
    )


# 3.2 A toy graph


def test_toy_graph_anywhere(student, rng):
    """Nodes and derivatives of the toy graph at a random point."""
    a, b = (float(value) for value in rng.uniform(1, 3, size=2))
    c, d = a + b, b + 1
    nodes = assert_sequence(student.toy_forward(a, b), 3, what="toy_forward(a, b)")
    for name, node, expected in zip("cde", nodes, (c, d, c * d), strict=True):
        assert_close(node, expected, what=f"node {name} of toy_forward(a, b)")
    de_da, de_db = assert_sequence(student.toy_backward(a, b), 2, what="toy_backward(a, b)")
    assert_close(
        de_da,
        d,
        what="∂e/∂a",
        mistakes={"this is ∂e/∂d; a reaches e through c": c, "this is e": c * d},
    )
    assert_close(
        de_db,
        c + d,
        what="∂e/∂b",
        mistakes={
            "only the path through c is counted, the one through d is missing": d,
            "only the path through d is counted, the one through c is missing": c,
            "the two paths' contributions are multiplied, not added": c * d,
        },
    )


# 3.6 Universal approximation


def unit_arrays(units, n, hint):
    """w, theta, alpha, once they are known to be three arrays of one length."""
    w, theta, alpha = (
        assert_array(
            unit, shape=(None,), what=f"{name} of step_approximation(f, a, b, {n})", hint=hint
        )
        for unit, name in zip(units, ("w", "theta", "alpha"), strict=True)
    )
    check(
        1 <= len(w) == len(theta) == len(alpha) <= n + 1,
        what="the lengths of w, theta and alpha",
        expected="one length, from 1 to n + 1",
        got=f"{len(w)}, {len(theta)} and {len(alpha)} for n = {n}",
    )
    return w, theta, alpha


def wave_on(rng, a, width):
    """A piece of a sine on [a, a + width], its largest slope, and a list that is empty as long as
    nobody asks for a value outside, where it has none."""
    b = a + width
    waves = rng.uniform(2, 3) / width  # a third to half of a period
    offset, height, phase = rng.uniform(3, 5), rng.uniform(1, 2), rng.uniform(0, 6)
    outside = []

    def f(x):
        inside = (x >= a - 1e-9) & (x <= b + 1e-9)
        if not np.all(inside):
            outside.append(1)
        return np.where(inside, offset + height * np.sin(waves * (x - a) + phase), np.nan)

    return f, height * waves, outside


def test_step_approximation_keeps_its_promise(student, rng):
    """On wide and on narrow intervals far from 0, n steps stay within S (b - a) / n."""
    for n, a, width in ((1, -1.0, 2.0), (20, -30.0, 50.0), (100, 7.0, 0.01)):
        b = a + width
        f, slope, outside = wave_on(rng, a, width)
        result = student.step_approximation(f, a, b, n)
        units = assert_sequence(result, 3, what="step_approximation(f, a, b, n)")
        hint = "f was asked for values outside [a, b], where it has none." if outside else None
        w, theta, alpha = unit_arrays(units, n, hint)
        x = np.linspace(a, b, 301)  # three in every step
        error = np.abs(logistic(np.outer(x, w) + theta) @ alpha - f(x))
        hint = None
        if np.abs(w).max() * width / n < 5:
            hint = "The steps are not steep: a sigmoid needs a stretch of about 10 / w to rise."
        what = f"the largest error for n = {n}"
        assert_between(float(error.max()), 0, 1.1 * slope * width / n, what=what, hint=hint)
