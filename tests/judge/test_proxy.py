"""What a test holds of a submission, where the worker's answers are not what our worker gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.judge.outcomes import MisusedValue
from grader.judge.proxy import Student


class Answers:
    """A conversation in which every question has the same answer."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def ask(self, kind: str, payload: list[Any], called: str | None = None) -> Any:
        return self._answer

    def processor_s(self) -> float:
        return 0.0


def test_kept_arguments_come_back_one_by_one() -> None:
    x = np.ones(3)
    result, arguments = Student(Answers((5.0, [x]))).with_arguments(len, x)
    assert result == 5.0
    assert arguments[0] is x


@pytest.mark.parametrize(
    "answer",
    [None, 5.0, (5.0,), (5.0, None), (5.0, []), (5.0, [1, 2]), [5.0, [1]], (5.0, (1,))],
    ids=str,
)
def test_kept_arguments_that_are_not_those_of_the_call_are_refused(answer: Any) -> None:
    with pytest.raises(MisusedValue, match="did not give its arguments back"):
        Student(Answers(answer)).with_arguments(len, np.ones(3))
