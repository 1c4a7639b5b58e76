"""Hidden tests of problem 1.3: large inputs, slopes by central differences, no side effects."""

import numpy as np

from grader.testing import (
    assert_array,
    assert_close,
    assert_unchanged,
    check,
    numerical_gradient,
)

ACTIVATIONS = {
    "sigmoid": lambda z: np.exp(-np.logaddexp(0, -z)),
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
}


def as_floats(value):
    """Whole numbers and booleans count as floats here: the handout allows 1 and True for 1.0."""
    if type(value) in (bool, np.bool_):
        return float(value)
    if type(value) is np.ndarray and value.dtype.kind in "iub":
        return value.astype(float)
    return value


def with_warnings_as_errors(student, name, *arguments):
    """A probe: call a function with numpy's warnings turned into errors."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        return getattr(student, name)(*arguments)


def slope_of(f, z):
    """f' at every entry of z by central differences; f acts elementwise."""
    return numerical_gradient(lambda x: float(np.sum(f(x))), z)


def test_activations_of_large_inputs(student, rng):
    """Activations of inputs up to ±1000: no warning, no NaN, the right limits."""
    z = np.concatenate([[-1000.0, -750.0, -40.0, 40.0, 750.0, 1000.0], rng.normal(size=5) * 300])
    for name, f in ACTIVATIONS.items():
        result = student.run(with_warnings_as_errors, name, z)
        assert_close(result, f(z), what=f"{name} of large inputs", atol=1e-12)


def test_derivatives_are_slopes(student, rng):
    """Each derivative is the slope of its activation; at 0, the conventions of the handout."""
    z = rng.normal(size=(4, 3)) * 2
    z = z + np.where(z > 0, 0.1, -0.1)  # away from the kinks
    slope = float(rng.uniform(0.1, 0.4))
    y = ACTIVATIONS["sigmoid"](z)
    mistakes = {
        "sigmoid_prime": {
            "z(1 - z): the argument is z, not the sigmoid's output": z * (1 - z),
            "1 - σ(z)²: that is the rule for tanh": 1 - y**2,
        },
        "tanh_prime": {
            "1 - tanh(z): the square is missing": 1 - np.tanh(z),
            "1 - z²: the argument is z, not the output of tanh": 1 - z**2,
        },
    }
    for name in ("sigmoid", "tanh", "relu"):
        result = getattr(student, name + "_prime")(z)
        assert_close(
            as_floats(result) if name == "relu" else result,
            slope_of(ACTIVATIONS[name], z),
            what=f"{name}_prime(z)",
            rtol=1e-6,  # a central difference at δ = 1e-5 is good to 1e-9 here
            atol=1e-8,
            mistakes=mistakes.get(name + "_prime"),
        )

    def leaky(x):
        return np.where(x > 0, x, slope * x)

    fixed = "the argument slope is not used"
    assert_close(
        student.leaky_relu(z, slope),
        leaky(z),
        what="leaky_relu(z, slope)",
        mistakes={fixed: ACTIVATIONS["leaky_relu"](z)},
    )
    assert_close(
        student.leaky_relu_prime(z, slope),
        slope_of(leaky, z),
        what="leaky_relu_prime(z, slope)",
        rtol=1e-6,
        atol=1e-8,
        mistakes={
            fixed: np.where(z > 0, 1.0, 0.01),
            "this is the derivative of relu": np.where(z > 0, 1.0, 0.0),
        },
    )
    zero = np.zeros(2)
    assert_close(as_floats(student.relu_prime(zero)), zero, what="relu_prime at exactly 0")
    assert_close(
        student.leaky_relu_prime(zero, slope), zero + slope, what="leaky_relu_prime at exactly 0"
    )


def test_activations_keep_shape_and_input(student, rng):
    """Activations and derivatives return a new array of z's shape and leave z as it was."""
    z = rng.normal(size=(2, 3, 4))
    for name in ACTIVATIONS:
        for function in (name, name + "_prime"):
            call = getattr(student, function)
            result, arguments = student.with_arguments(call, z)
            if function == "relu_prime":
                result = as_floats(result)
            result = assert_array(result, shape=z.shape, what=f"{function}(z)")
            # which values is for other tests to say; none of the eight is z or the same everywhere
            check(
                bool(result.min() < result.max()) and not np.array_equal(result, z),
                what=f"{function}(z)",
                expected="values that depend on z and are not z",
                got="z itself" if np.array_equal(result, z) else "the same number everywhere",
            )
            assert_unchanged(z, arguments[0], what=f"z after {function}(z)")
