"""What a test file imports: strict assertions on values that came from a submission.

It runs in the trusted process and must not call, compare or convert a student's object. The
names below are the whole language; the fixtures (`student`, `rng`, `points`, `quiz`, ...) come
from the judge.
"""

from grader.testing.asserts import (
    assert_array,
    assert_between,
    assert_close,
    assert_scalar,
    assert_sequence,
    check,
)
from grader.testing.equal import assert_equal, assert_raises, assert_unchanged
from grader.testing.failure import CheckFailed, Failure, reveal_expected, revealing_expected
from grader.testing.gradcheck import check_accumulation, check_gradient, numerical_gradient
from grader.testing.ladder import Award, Points, assert_accuracy, assert_ladder
from grader.testing.quiz import Key, Question, Quiz, load_key, load_questions

__all__ = [
    "Award",
    "CheckFailed",
    "Failure",
    "Key",
    "Points",
    "Question",
    "Quiz",
    "assert_accuracy",
    "assert_array",
    "assert_between",
    "assert_close",
    "assert_equal",
    "assert_ladder",
    "assert_raises",
    "assert_scalar",
    "assert_sequence",
    "assert_unchanged",
    "check",
    "check_accumulation",
    "check_gradient",
    "load_key",
    "load_questions",
    "numerical_gradient",
    "reveal_expected",
    "revealing_expected",
]
