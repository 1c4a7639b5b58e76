"""How a conversation with a worker can end badly, as exceptions a test does not catch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grader.errors import SubmissionError
from grader.wire.codec import ProtocolError

MAX_FRAMES = 20
MAX_BASES = 20


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
        """Check every part: it comes from the worker, and a Remote or an array in it is hostile."""
        if type(value) is not dict:
            raise ProtocolError("a malformed description of an exception")
        bases, frames = value.get("bases"), value.get("frames")
        kind, message = value.get("type"), value.get("message")
        if type(bases) is not list or type(frames) is not list:
            raise ProtocolError("a malformed description of an exception")
        bases, frames = bases[:MAX_BASES], frames[:MAX_FRAMES]
        if not isinstance(kind, str) or not isinstance(message, str):
            raise ProtocolError("a malformed description of an exception")
        if not all(type(name) is str for name in bases) or not all(map(_is_frame, frames)):
            raise ProtocolError("a malformed description of an exception")
        if not all(0 <= number < 2**31 for cell, line, _ in frames for number in (cell, line)):
            raise ProtocolError("a malformed description of an exception")
        places = tuple((cell, line, name) for cell, line, name in frames)
        own = value.get("own") is True
        return cls(kind[:100], tuple(bases), message[:2000], places, own)


def _is_frame(frame: Any) -> bool:
    return type(frame) is list and [type(part) for part in frame] == [int, int, str]


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


class TestOverran(BaseException):
    """The test's own code, not the student's, took too long; no `except` of a test's catches it."""

    __test__ = False
