"""What a test file imports: strict assertions on values that came from a submission.

It runs in the trusted process and must not call, compare or convert a student's object. The
names below are the whole language; the fixtures (`student`, `rng`, `points`, `quiz`, ...) come
from the judge.
"""

from grader.testing.answers import Answers, form_notes, read_answers
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
from grader.testing.quiz import Quiz
from grader.testing.quiz_files import Key, Question, load_key, load_questions

__all__ = [
    "Answers",
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
    "form_notes",
    "load_key",
    "load_questions",
    "numerical_gradient",
    "read_answers",
    "reveal_expected",
    "revealing_expected",
]
