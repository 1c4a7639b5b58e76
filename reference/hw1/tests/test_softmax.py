"""Hidden tests of problem 1.4: the axis, large scores, ties."""

import numpy as np

from grader.testing import assert_close, assert_unchanged


def softmax(z):
    """The oracle: by logarithms, p = exp(z - log Σ e^z)."""
    return np.exp(z - np.logaddexp.reduce(z, axis=-1, keepdims=True))


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


def test_softmax_along_the_last_axis(student, rng):
    """softmax of arrays (N, C) and (N, T, C) sums to 1 along the last axis and leaves z alone."""
    for shape in ((4, 3), (2, 5, 3)):
        z = rng.normal(size=shape)
        e = np.exp(z)
        shifted = np.exp(z - z.max(axis=-1, keepdims=True))  # the right shift, a wrong sum
        p, arguments = student.with_arguments(student.softmax, z)
        assert_close(
            p,
            softmax(z),
            what=f"softmax(z) for z with {z.ndim} axes",
            rtol=1e-9,
            mistakes={
                "normalised over the whole array, not along the last axis": e / e.sum(),
                "the sum runs over the whole array, not along the last axis": shifted
                / shifted.sum(),
                "normalised along the first axis, not the last": e / e.sum(axis=0),
                "the sum runs along the first axis, not the last": shifted / shifted.sum(axis=0),
                "normalised along axis 1, not the last": e / e.sum(axis=1, keepdims=True),
                "the logarithm of the probabilities": np.log(softmax(z)),
            },
        )
        assert_unchanged(z, arguments[0], what="z after softmax(z)")


def test_softmax_of_large_scores(student, rng):
    """softmax of scores around ±1000: no warning, no NaN, the same as for scores shifted to 0."""
    z = rng.normal(size=(5, 3))
    offsets = np.array([1000.0, -1000.0, 0.0, 800.0, -800.0])[:, None]  # (5, 1)
    p = student.run(with_warnings_as_errors, "softmax", z + offsets)
    # z + 1000 keeps 13 decimals of z
    assert_close(p, softmax(z), what="softmax of scores shifted by up to ±1000", rtol=1e-9)
    z = rng.permutation([1000.0, 0.0, -1000.0, -3.0])
    p = student.run(with_warnings_as_errors, "softmax", z)
    assert_close(p, (z == 1000.0).astype(float), what="softmax of scores far apart")


def test_one_hot_takes_the_first_of_ties(student, rng):
    """one_hot marks the first largest entry along the last axis, for one, two or three axes."""
    z = rng.normal(size=(6, 4))
    z[0] = 0.7
    z[1] = [-1.0, 2.0, 2.0, -1.0]
    z[2] = [-5.0, -6.0, -3.0, -3.0]
    expected = np.zeros((6, 4))
    for row, scores in enumerate(z):
        expected[row, list(scores).index(max(scores))] = 1
    every = (z == z.max(axis=-1, keepdims=True)).astype(float)
    last = np.eye(4)[3 - z[:, ::-1].argmax(axis=1)]
    marks, arguments = student.with_arguments(student.one_hot, z)
    assert_close(
        as_floats(marks),
        expected,
        what="one_hot of a batch",
        mistakes={
            "every largest entry is marked, not only the first": every,
            "the last largest entry is marked, not the first": last,
            "only one entry of the whole array is marked": np.where(z == z.max(), 1.0, 0.0),
        },
    )
    assert_unchanged(z, arguments[0], what="z after one_hot(z)")
    assert_close(as_floats(student.one_hot(z[2])), expected[2], what="one_hot of one row (C,)")
    marks = as_floats(student.one_hot(z.reshape(3, 2, 4)))
    assert_close(marks, expected.reshape(3, 2, 4), what="one_hot of an array of three axes")
