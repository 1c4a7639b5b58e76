"""Hidden tests of the tiny homework."""

from grader.testing import assert_close, assert_equal


def test_double_of_an_array(student, rng):
    """double works on arrays."""
    x = rng.normal(size=(4, 3))
    assert_close(student.double(x), 2 * x, what="double(x)")


def test_counter_counts(student):
    """A counter counts its own calls."""
    counter = student.Counter()
    counter.count()
    counter.count()
    assert_equal(counter.n, 2, what="Counter.n after two calls")


def test_apply_calls_back(student):
    """apply calls the function it is given."""
    assert_close(student.apply(lambda x: x + 1.0, 2.0), 3.0, what="apply(f, 2.0)")


def test_partly(student, points):
    """Half the points for any number."""
    value = student.double(5.0)
    points.award(0.5, "a number came back")
    assert_close(value, 10.0, what="double(5.0)")
