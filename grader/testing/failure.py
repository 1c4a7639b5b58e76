"""What a failed check says to a student, as data and as one line of words.

A failure never carries an expected array. In a hidden test it carries no expected value at all,
nor the size of an error (from which the value could be had); the judge shows the expected
numbers of public tests by calling `reveal_expected(True)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from typing import NoReturn

_revealed: ContextVar[bool] = ContextVar("grader_testing_reveal_expected", default=False)


def reveal_expected(yes: bool) -> Token[bool]:
    """Say whether messages may show expected numbers: True for public tests, else False.

    It holds for the calling context until the next call. The default is False.
    """
    return _revealed.set(bool(yes))


def expected_is_revealed() -> bool:
    """Whether the test that runs now may show expected numbers."""
    return _revealed.get()


@contextmanager
def revealing_expected(yes: bool) -> Iterator[None]:
    """`reveal_expected` for the length of a with block."""
    token = reveal_expected(yes)
    try:
        yield
    finally:
        _revealed.reset(token)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a check failed, in words for the student.

    `what` names the thing checked, `expected` and `got` describe it, `mistake` is the mistake
    recognised, `hint` the author's advice, `index` the worst element of an array.
    """

    expected: str
    got: str
    what: str
    mistake: str | None = None
    hint: str | None = None
    index: tuple[int, ...] | None = None

    def __str__(self) -> str:
        parts = [f"{self.what}: expected {self.expected}; got {self.got}."]
        if self.mistake:
            parts.append(f"Mistake: {self.mistake}.")
        if self.hint:
            parts.append(f"Hint: {self.hint}")
        return " ".join(parts)


class CheckFailed(AssertionError):
    """A check did not hold: the student's, and what a test loses its points by.

    The one exception an assert helper raises about a student's value.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure

    def __str__(self) -> str:
        return str(self.failure)


def fail(
    *,
    what: str,
    expected: str,
    got: str,
    mistake: str | None = None,
    hint: str | None = None,
    index: tuple[int, ...] | None = None,
) -> NoReturn:
    """Raise `CheckFailed` with these words."""
    failure = Failure(
        expected=expected, got=got, what=what, mistake=mistake, hint=hint, index=index
    )
    raise CheckFailed(failure) from None
