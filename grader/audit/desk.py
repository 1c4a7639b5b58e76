"""What the checks of one homework share: its solutions, the bench, how much effort to make."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

from grader.audit.bench import Bench, Graded, Trial
from grader.audit.inside import with_code
from grader.audit.model import Finding
from grader.course.bank import solution_source
from grader.course.manifest import Assignment
from grader.errors import CourseError, InternalError
from grader.judge.plan import Plan

Item = TypeVar("Item")
LOOKUP_FILE = "lookup.py"
_NAME, _KEY = re.compile(r"@([\w.]+)@"), re.compile(r"~([0-9a-f]{8})~")


class Tell(Protocol):
    """Takes how far a check has come: its name, how many are done and of how many."""

    def __call__(self, check: str, done: int, total: int) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How much is tried. `mutants` and `garbage` are sample sizes, None means all there are.

    `seeds` is the number of seeds for the reference, `bank_seeds` for the other solutions. With
    `all_tests` a wrong solution meets every test on the first seed, not only those it must lose.
    """

    seeds: int = 20
    bank_seeds: int = 3
    all_tests: bool = True
    mutants: int | None = None
    garbage: int | None = None

    @property
    def is_sampled(self) -> bool:
        return self != FULL


@dataclass(frozen=True, kw_only=True)
class Calls:
    """What a test calls: `names` such as "train" and "MLP.forward", `keys` for each call."""

    names: frozenset[str]
    keys: frozenset[str]

    def of(self, export: str) -> set[str]:
        """The names that belong to an export: its own, or a class's methods."""
        return {name for name in self.names if name.split(".")[0] == export}


FULL = Effort()
QUICK = Effort(seeds=2, bank_seeds=1, all_tests=False, mutants=24, garbage=24)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One homework on an auditor's desk; `seed` is the first of the tests' seeds."""

    assignment: Assignment
    bench: Bench
    effort: Effort
    seed: int
    device: str
    tell: Tell

    def grade(self, check: str, trials: Iterable[Trial]) -> list[Graded]:
        """Grade the trials of a check, telling how far it has come."""
        return self.bench.grade(trials, lambda done, total: self.tell(check, done, total))

    def seeds(self, count: int) -> range:
        return range(self.seed, self.seed + count)

    @cached_property
    def solution(self) -> str:
        return solution_source(self.assignment)

    @cached_property
    def baseline(self) -> Graded:
        """The reference graded once; CourseError where the suite cannot be run at all."""
        trial = Trial(name="reference", source=self.solution, plan=Plan(seed=self.seed))
        graded = self.bench.grade([trial])[0]
        if graded.failure is not None:
            raise CourseError(
                f"The reference of {self.assignment.id} cannot be graded: {graded.failure}"
            )
        return graded

    @cached_property
    def exports(self) -> list[str]:
        """What students write for all problems, by name."""
        return [name for problem in self.assignment.problems for name in problem.exports]

    @cached_property
    def calls(self) -> dict[str, Calls]:
        """What each test calls itself of the reference, by the test's name."""
        source = with_code(self.solution, LOOKUP_FILE, "watch", self.exports)
        trial = Trial(name="watched", source=source, plan=Plan(seed=self.seed))
        graded = self.bench.grade([trial])[0]
        if graded.failure is not None:
            raise InternalError(f"The calls of the tests cannot be watched: {graded.failure}")
        return {
            name: Calls(
                names=frozenset(_NAME.findall(mark.output)),
                keys=frozenset(_KEY.findall(mark.output)),
            )
            for name, mark in graded.marks.items()
        }

    def quickest_first(self, names: Iterable[str]) -> tuple[str, ...]:
        """Tests in the order of the time that they take on the reference."""
        marks = self.baseline.marks
        return tuple(sorted(names, key=lambda name: marks[name].duration_s))

    def sample(self, items: Sequence[Item], size: int | None, what: str) -> list[Item]:
        """`size` of the items, in their order; the same at every run with this seed."""
        if size is None or size >= len(items):
            return list(items)
        chooser = random.Random(f"{self.assignment.id}/{what}/{self.seed}")
        chosen = sorted(chooser.sample(range(len(items)), size))
        return [items[i] for i in chosen]


def our_errors(graded: Graded, subject: str) -> list[Finding]:
    """A finding for each test that ended in an error of ours or the test author's."""
    return [
        Finding(subject=subject, message=f"{where} ended in an error, not in a verdict: {message}")
        for where, message in graded.errors.items()
    ]


def listed(names: Sequence[str], most: int = 4) -> str:
    """ "a, b and 3 more": names in a sentence."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
