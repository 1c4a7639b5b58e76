"""How a conversation with a worker can end badly, as exceptions a test does not catch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grader.errors import SubmissionError
from grader.wire.codec import ProtocolError

MAX_FRAMES = 20


@dataclass(frozen=True)
class Fault:
    """An exception of student code: names and numbers, never the exception itself.

    `frames` are (cell, line, function) of the student's own code, outermost first.
    """

    type: str
    bases: tuple[str, ...]
    message: str
    frames: tuple[tuple[int, int, str], ...]
    own: bool

    @classmethod
    def from_wire(cls, value: Any) -> Fault:
        """Check every part: it comes from the worker."""
        try:
            bases = tuple(value["bases"])[:20]
            frames = tuple((cell, line, name) for cell, line, name in value["frames"][:MAX_FRAMES])
            texts = (value["type"], value["message"], *bases, *(name for _, _, name in frames))
            numbers = [number for cell, line, _ in frames for number in (cell, line)]
            if not all(type(text) is str for text in texts):
                raise TypeError
            if not all(type(number) is int and 0 <= number < 2**31 for number in numbers):
                raise TypeError
            return cls(texts[0][:100], bases, texts[1][:2000], frames, value["own"] is True)
        except (KeyError, TypeError, ValueError) as err:
            raise ProtocolError("a malformed description of an exception") from err


class StudentFault(SubmissionError):
    """The student's code raised; the test that called it fails unless it expected that."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.type}: {fault.message}")
        self.fault = fault
        self.type_name = fault.type
        self.base_names = fault.bases


class LoadFault(StudentFault):
    """The submission could not even be loaded."""


class WorkerTimeout(Exception):
    """The student's code used up the test's wall or processor time."""


class WorkerCrashed(Exception):
    """The student's process died: a crash, an exit, a kill, a forbidden call."""


class WorkerBroken(Exception):
    """The worker could not be set up: the grader's fault."""


class MisusedValue(Exception):
    """The test met an object where it needs a plain value: the student's, since it returned it."""


class TestOverran(Exception):
    """The test's own code, not the student's, took too long: the course's fault."""

    __test__ = False
