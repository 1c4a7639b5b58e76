"""The author's list of mutants that no test can tell from the reference, each with a reason.

`reference/hwN/equivalent.toml` holds `[[equivalent]]` tables. Each gives a `reason` and, of
`function`, `operator`, `line` and `mutant`, what tells the mutants meant: the lines before and
after, without comments (`mutant = "pass"` for a statement removed). It is read, never run.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any

from grader.audit.mutants import Mutant, same_code
from grader.course.manifest import Assignment
from grader.errors import CourseError

EQUIVALENT_FILE = "equivalent.toml"
_KEYS = ("function", "operator", "line", "mutant")


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One table; a key that is None matches every mutant. `number` counts the tables from 1."""

    number: int
    reason: str
    function: str | None = None
    operator: str | None = None
    line: str | None = None
    mutant: str | None = None

    @property
    def is_exact(self) -> bool:
        """Whether it names mutants one by one, so that none of them may ever be killed."""
        return self.line is not None and self.mutant is not None

    @property
    def words(self) -> str:
        named = {key: getattr(self, key) for key in _KEYS}
        told = ", ".join(f"{key} {value!r}" for key, value in named.items() if value is not None)
        return f"mark {self.number} ({told})"

    def matches(self, mutant: Mutant) -> bool:
        return (
            self.function in (None, mutant.function)
            and self.operator in (None, mutant.operator)
            and (self.line is None or same_code(self.line) == same_code(mutant.before))
            and (self.mutant is None or same_code(self.mutant) == same_code(mutant.after))
        )


def read_marks(assignment: Assignment) -> tuple[Mark, ...]:
    """The marks in the file's order, none where there is no file; CourseError on a wrong one."""
    if assignment.reference is None:
        return ()
    path = assignment.reference / EQUIVALENT_FILE
    if not path.is_file():
        return ()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as err:
        raise CourseError(f"{path} cannot be read: {err}") from err
    entries = table.get("equivalent", [])
    if set(table) - {"equivalent"} or not isinstance(entries, list):
        raise CourseError(f"{path} must hold [[equivalent]] tables and nothing else.")
    return tuple(_mark(entry, i, f"{path}, table {i}") for i, entry in enumerate(entries, start=1))


def _mark(entry: Any, number: int, where: str) -> Mark:
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        raise CourseError(f"{where}: every key must have a text.")
    unknown = set(entry) - {"reason", *_KEYS}
    if unknown:
        raise CourseError(f"{where}: unknown key {min(unknown)!r}.")
    if not entry.get("reason", "").strip():
        raise CourseError(f"{where}: `reason` must say why no test can tell the difference.")
    if "line" not in entry and not {"function", "operator"} <= set(entry):
        raise CourseError(f"{where}: `line`, or `function` and `operator`, must say where.")
    return Mark(number=number, **entry)
