"""Turns what ended a test into words for the student, by the rules of what may be shown.

Of a hidden test no printed output and no free text of an exception is shown: both can carry the
hidden inputs. The exception's class, the student's own line, and messages that hold nothing but
shapes and names of the standard kind stay.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Sequence
from pathlib import Path

from grader.course.manifest import Assignment
from grader.judge.hints import (
    ENDLESS,
    NOTHING_CAME_BACK,
    NUMPY_WARNING,
    hint_on_fault,
    hint_on_name,
)
from grader.judge.outcomes import (
    Fault,
    Frame,
    MissingName,
    MisusedValue,
    StudentFault,
    WorkerCrashed,
    WorkerTimeout,
)
from grader.judge.session import CellFault
from grader.report.model import UNANSWERED, UNWRITTEN, Feedback, Place, Status
from grader.submission.model import Submission
from grader.testing import CheckFailed
from grader.testing.answers import NO_ANSWER
from grader.text import safe_text

MAX_TEXT = 400
MAX_CELL_NOTES = 40
_LIBRARY_ERRORS = frozenset(
    {"LinAlgError", "AxisError", "DTypePromotionError", "UFuncTypeError", "BdbQuit"}
)

# Messages of Python and numpy that hold nothing but shapes or numpy's own names. A submission can
# forge one to smuggle numbers out of a hidden test; three dimensions of three digits bound what
# that brings.
_SHAPE = r"\((?:\d{1,3},? ?){0,3}\)"
_HARMLESS = [
    re.compile(pattern)
    for pattern in (
        NUMPY_WARNING.pattern,
        rf"operands could not be broadcast together with shapes {_SHAPE} {_SHAPE} ?",
        rf"shapes {_SHAPE} and {_SHAPE} not aligned: \d{{1,3}} \(dim \d\) != \d{{1,3}} \(dim \d\)",
        rf"non-broadcastable output operand with shape {_SHAPE} doesn't match the broadcast "
        rf"shape {_SHAPE}",
        r"matmul: Input operand \d has a mismatch in its core dimension \d, with gufunc signature "
        r"\(n\?,k\),\(k,m\?\)->\(n\?,m\?\) \(size \d{1,3} is different from \d{1,3}\)",
        r"mat1 and mat2 shapes cannot be multiplied \(\d{1,3}x\d{1,3} and \d{1,3}x\d{1,3}\)",
        r"division by zero",
        r"list index out of range",
        r"tuple index out of range",
        r"maximum recursion depth exceeded",
    )
]


def describe_outcome(
    error: BaseException,
    submission: Submission,
    assignment: Assignment,
    *,
    hidden: bool,
    called: str | None,
) -> tuple[Status, Feedback] | None:
    """Status and feedback of an outcome that is the student's; None where it is not."""
    if isinstance(error, CheckFailed):
        failure = error.failure
        unanswered = failure.got == NO_ANSWER
        nothing = failure.got in ("None", "NoneType")
        return Status.FAILED, Feedback(
            message=UNANSWERED if unanswered else f"{failure.what} is not right",
            called=called,
            expected=failure.expected,
            got=_without_texts(failure.got) if hidden else failure.got,
            mistake=failure.mistake,
            hint=NOTHING_CAME_BACK if nothing else failure.hint,
        )
    if isinstance(error, StudentFault):
        missing = missing_export(error.fault, assignment)
        if missing is not None:
            return Status.FAILED, _not_defined(missing, submission, assignment)
        return Status.FAILED, fault_feedback(
            error.fault, submission, assignment, hidden=hidden, called=called
        )
    if isinstance(error, WorkerTimeout):
        place = place_at(error.standing, submission)
        where = f"; {_standing(error.standing, place, submission)}" if place else ""
        return Status.TIMEOUT, Feedback(
            message=f"your code was stopped: {error}{where}",
            called=called,
            place=place,
            hint=ENDLESS,
        )
    if isinstance(error, WorkerCrashed):
        return Status.CRASHED, Feedback(
            message=f"the process that ran your code died: {safe_text(str(error), MAX_TEXT)}",
            called=called,
        )
    if isinstance(error, MissingName):
        return Status.FAILED, _not_defined(error.name, submission, assignment)
    if isinstance(error, MisusedValue):
        return Status.FAILED, Feedback(message=safe_text(str(error), MAX_TEXT), called=called)
    misused = _plain_value_misused(error)
    if misused is None:
        return None
    hint = NOTHING_CAME_BACK if "NoneType" in misused else None
    return Status.FAILED, Feedback(message=misused, called=called, hint=hint)


def _not_defined(name: str, submission: Submission, assignment: Assignment) -> Feedback:
    return Feedback(
        message=f"{name} is not defined in the submission",
        hint=hint_on_name(name, submission, assignment),
    )


# What Python says where a probe, beside the submission but not in it, asks the module for a name.
_NO_EXPORT = re.compile(r"module '\w+' has no attribute '(\w+)'")


def missing_export(fault: Fault, assignment: Assignment) -> str | None:
    """The name of the homework's that a test's probe did not find."""
    match = _NO_EXPORT.fullmatch(fault.message.strip())
    if fault.type != "AttributeError" or fault.frames or match is None:
        return None
    return match[1] if match[1] in assignment.exports else None


# What Python says where `student.f(x)` or `student.Net().forward` meets a plain value, which came
# by value: a test has no way to look before it calls.
_NOT_CALLABLE = re.compile(r"'([\w.]+)' object is not callable")
_NO_ATTRIBUTE = re.compile(r"'([\w.]+)' object has no attribute '(\w+)'")


def _plain_value_misused(error: BaseException) -> str | None:
    """In words, that a plain value was met in a test's own line where an object is needed."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or not Path(trace.tb_frame.f_code.co_filename).name.startswith("test_"):
        return None
    if isinstance(error, TypeError) and (match := _NOT_CALLABLE.fullmatch(str(error))):
        return f"a plain value of type {match[1]} was found where a function or class is needed"
    if isinstance(error, AttributeError) and (match := _NO_ATTRIBUTE.fullmatch(str(error))):
        return (
            f"a plain value of type {match[1]} was found where an object with {match[2]} is needed"
        )
    return None


def fault_feedback(
    fault: Fault,
    submission: Submission,
    assignment: Assignment,
    *,
    hidden: bool,
    called: str | None = None,
) -> Feedback:
    """An exception of the student's code, with the student's own line."""
    name = shown_type(fault, submission, hidden=hidden)
    if fault.type == "NotImplementedError":
        return Feedback(
            message=UNWRITTEN,
            called=called,
            exception=None if hidden else f"{name}: {safe_text(fault.message, MAX_TEXT)}",
            place=place_of(fault, submission),
        )
    message = shown_message(fault, hidden=hidden)
    return Feedback(
        message=f"your code raised {name}" if fault.frames else f"the call raised {name}",
        called=called,
        exception=f"{name}: {message}" if message else name,
        place=place_of(fault, submission),
        hint=hint_on_fault(fault, submission, assignment),
    )


def shown_type(fault: Fault, submission: Submission, *, hidden: bool) -> str:
    """The exception's class; of a hidden test only a name that was there before the test ran."""
    name = safe_text(fault.type, 60)
    if not hidden or _is_builtin(fault.type) or fault.type in _LIBRARY_ERRORS:
        return name
    written = re.search(rf"^\s*class\s+{re.escape(fault.type)}\b", submission.source, re.MULTILINE)
    return name if fault.type.isidentifier() and written else "an exception of a class of its own"


def _is_builtin(name: str) -> bool:
    thing = vars(builtins).get(name)
    return isinstance(thing, type) and issubclass(thing, BaseException)


def _without_texts(got: str) -> str:
    """What came back in a hidden test, without a string's content: it could hold the inputs."""
    return re.sub(r"the string .*", "a string", got, flags=re.DOTALL)


def shown_message(fault: Fault, *, hidden: bool) -> str:
    """The exception's text as far as it may be shown."""
    text = fault.message.strip()
    if not hidden or any(pattern.fullmatch(text) for pattern in _HARMLESS):
        return safe_text(text, MAX_TEXT)
    return ""


def place_of(fault: Fault, submission: Submission) -> Place | None:
    """The innermost line of the student's own code that the exception passed."""
    return place_at(fault.frames[-1], submission) if fault.frames else None


def place_at(frame: Frame | None, submission: Submission) -> Place | None:
    """A place that the worker told, if it is one of the submission's."""
    if frame is None:
        return None
    number, line, _ = frame
    cell = next((c for c in submission.cells if (c.number or 0) == number), None)
    lines = () if cell is None else cell.lines
    if cell is None or not 0 < line <= len(lines):  # of code made by a submission: any number
        return None
    if not lines[line - 1].strip() or lines[line - 1].lstrip().startswith("#"):
        return None  # nothing is raised there
    return Place(
        file=safe_text(submission.source_name, 80),
        line=line,
        cell=cell.number,
        source=safe_text(lines[line - 1].strip(), 160),
    )


def _standing(frame: Frame | None, place: Place, submission: Submission) -> str:
    """ "it was in line 42 (function train)"; a function is named if the submission defines it."""
    cell = "" if place.cell is None else f"code cell {place.cell}, "
    name = "" if frame is None else frame[2]
    known = name.isidentifier() and re.search(rf"\bdef\s+{name}\b", submission.source)
    return f"it was in {cell}line {place.line}{f' (function {name})' if known else ''}"


def cell_notes(
    faults: Sequence[CellFault], submission: Submission, assignment: Assignment
) -> tuple[str, ...]:
    """A line on each of the first failed cells; of the rest their number."""
    told = [cell_note(fault, submission, assignment) for fault in faults[:MAX_CELL_NOTES]]
    more = len(faults) - len(told)
    if more > 0:
        told.append(f"and {more} more cell{'s' if more > 1 else ''} failed")
    return tuple(told)


def cell_note(fault: CellFault, submission: Submission, assignment: Assignment) -> str:
    """One line on a notebook cell that failed while the submission was loaded."""
    place = place_of(fault.fault, submission)
    where = f", line {place.line}" if place else ""
    text = safe_text(f"{fault.fault.type}: {fault.fault.message}", 200)
    hint = hint_on_fault(fault.fault, submission, assignment)
    return f"code cell {fault.cell}{where} failed: {text}{f'. {hint}' if hint else ''}"


def output_shown(output: str, *, hidden: bool) -> str:
    """Printed output, escaped; of a hidden test only that there was some."""
    if not output:
        return ""
    if hidden:
        return ""
    return safe_text(output, 65_536, lines=True)
