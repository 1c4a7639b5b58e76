"""How a conversation with a worker can end badly, as exceptions a test does not catch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grader.errors import SubmissionError
from grader.wire.codec import ProtocolError

MAX_FRAMES = 20
MAX_BASES = 20
MAX_NAME = 100  # characters of a function's name
Frame = tuple[int, int, str]  # cell, line, function


@dataclass(frozen=True)
class Fault:
    """An exception of student code: names and numbers, never the exception itself.

    `frames` are (cell, line, function) of the student's own code, outermost first.
    """

    type: str
    bases: tuple[str, ...]
    message: str
    frames: tuple[Frame, ...]
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
        if not all(type(name) is str for name in bases):
            raise ProtocolError("a malformed description of an exception")
        places = tuple(map(read_frame, frames))
        own = value.get("own") is True
        return cls(kind[:100], tuple(bases), message[:2000], places, own)


def read_frame(value: Any) -> Frame:
    """(cell, line, function) as a worker tells it; ProtocolError for anything else."""
    if type(value) is not list or [type(part) for part in value] != [int, int, str]:
        raise ProtocolError("a malformed place in the code")
    cell, line, function = value
    if not 0 <= cell < 2**31 or not 0 <= line < 2**31:
        raise ProtocolError("a malformed place in the code")
    return cell, line, function[:MAX_NAME]


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
    """The student's code used up the test's wall or processor time, `standing` at a place."""

    def __init__(self, words: str, standing: Frame | None = None) -> None:
        super().__init__(words)
        self.standing = standing


class WorkerCrashed(Exception):
    """The student's process died: a crash, an exit, a kill, a forbidden call."""


class WorkerBroken(Exception):
    """The worker could not be set up: the grader's fault."""


class MisusedValue(Exception):
    """The test met an object where it needs a plain value: the student's, since it returned it."""


class MissingName(MisusedValue):
    """The submission does not define `name`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not defined in the submission")
        self.name = name


class TestOverran(Exception):
    """The test's own code, not the student's, took too long: the course's fault."""

    __test__ = False
