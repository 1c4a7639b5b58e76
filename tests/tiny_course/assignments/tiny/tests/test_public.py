"""Public tests of the tiny homework."""

from grader.testing import assert_close


def test_double_of_a_number(student):
    """double(2) is 4."""
    assert_close(student.double(2.0), 4.0, what="double(2.0)")
