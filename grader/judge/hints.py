"""What to do about an outcome, in a line; of a hidden test nothing that could hold its inputs."""

from __future__ import annotations

import difflib
import re
from itertools import islice

from grader.course.manifest import Assignment
from grader.judge.outcomes import Fault
from grader.submission.model import Submission
from grader.text import safe_text

# Messages of numpy that hold nothing but its own names.
_FUNCTION = (
    "absolute accumulate add arccos arccosh arcsin arcsinh arctan arctanh cast cbrt cos cosh det "
    "divide dot exp exp2 expm1 float_power floor_divide fmod hypot inner inv log log10 log1p log2 "
    "logaddexp logaddexp2 matmul matvec mod multiply power reciprocal reduce remainder sin sinh "
    "sqrt square subtract tan tanh true_divide vecdot vecmat"
).replace(" ", "|")
NUMPY_WARNING = re.compile(
    "(?:divide by zero|invalid value|overflow|underflow) encountered in "
    f"(?:scalar )?(?:{_FUNCTION})"
)
NOTHING_CAME_BACK = "Nothing came back: is a `return` missing, or was the value never set?"
NONE_IN_CODE = "A value there is None: does what gave it lack a `return`, or was it never set?"
ENDLESS = (
    "Look for a loop that does not end, or one over elements where an array operation would do."
)
_BY_TYPE = {
    "MemoryError": "Your code asked for more memory than a test may use.",
    "RecursionError": "A function calls itself without an end, or too deeply: use a loop.",
    "SystemExit": "Do not call exit() in code that is graded.",
    "PermissionError": "Code under test cannot open files, start processes or use the network.",
    "BdbQuit": "Take breakpoint() out, or run with --debug to use it.",
    "EOFError": "Nobody is there to answer input(): take it out.",
}
_NO_MODULE = re.compile(r"No module named '([\w.]{1,100})'(?:; .*)?")
# names of a sensible length only, and not all of many: they are compared with the one missing
_DEFINED = re.compile(
    r"^(?:async +)?(?:def|class) +(\w{1,60})\b|^(\w{1,60}) *(?::[^=\n]*)?=[^=]", re.M
)
MAX_NAMES = 2_000
MISSPELT = 0.8  # likeness from which a name is a slip: doubel for double, but not Net for MyNet


def hint_on_fault(fault: Fault, submission: Submission, assignment: Assignment) -> str | None:
    """The remedy for an exception of the student's code, where there is a usual one."""
    text = fault.message.strip()
    if fault.type == "RuntimeWarning" and NUMPY_WARNING.fullmatch(text):
        return (
            "numpy's warnings count as errors here. It warns of every element that it computes, "
            "also of those that np.where leaves out."
        )
    if fault.type == "ModuleNotFoundError" and (match := _NO_MODULE.fullmatch(text)):
        return _hint_on_module(match[1].partition(".")[0], submission, assignment)
    if fault.type in ("TypeError", "AttributeError") and "NoneType" in text:
        return NONE_IN_CODE
    return _BY_TYPE.get(fault.type)


def hint_on_name(name: str, submission: Submission, assignment: Assignment) -> str | None:
    """What was perhaps meant for a name that the submission does not define."""
    matches = islice(_DEFINED.finditer(submission.source), MAX_NAMES)
    defined = [name for match in matches for name in match.groups() if name]
    if name in defined:
        is_notebook = submission.kind == "ipynb"
        return "It stands there, but its cell failed before it." if is_notebook else None
    others = [other for other in defined if other not in assignment.exports]
    close = difflib.get_close_matches(name, others, n=1, cutoff=MISSPELT)
    return f"You have {safe_text(close[0], 60)}: the handout writes {name}." if close else None


def _hint_on_module(name: str, submission: Submission, assignment: Assignment) -> str | None:
    if not re.search(rf"\b{re.escape(name)}\b", submission.source):
        return None  # a text that a submission chose for a hidden test
    packages = dict.fromkeys(["numpy", *(need.partition(".")[0] for need in assignment.needs)])
    allowed = ", ".join(packages)
    return (
        f"{name} is not there where this is graded: {assignment.id} may use {allowed} and Python's "
        f"standard library. A file {name}.py of your own must lie beside "
        f"{safe_text(submission.source_name, 80)}."
    )
