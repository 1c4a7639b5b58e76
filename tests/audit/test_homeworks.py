"""Each homework of the course audits clean on a sample; `grader audit --all` is the whole of it.

The time of a whole grading is checked by the audit alone: here other tests run beside it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.audit.desk import Effort
from grader.audit.run import CHECKS, audit
from grader.course.bank import correct_solutions, wrong_solutions
from grader.course.manifest import load_course

COURSE = load_course(Path(__file__).parents[2])
# one judge each: pytest runs two of these tests at a time
SAMPLE = Effort(seeds=2, bank_seeds=1, all_tests=False, mutants=24, garbage=16)
CHECKED = [name for name in CHECKS if name != "times"]


@pytest.mark.slow
@pytest.mark.parametrize("homework", COURSE.assignments)
def test_a_homework_audits_clean_on_a_sample(homework: str) -> None:
    found = audit(COURSE.assignment(homework), effort=SAMPLE, only=CHECKED, judges=1)
    faults = [
        f"{check.name}: {finding.subject}: {finding.message}\n{finding.diff}"
        for check in found.checks
        if not check.fit
        for finding in check.findings
    ]
    assert found.fit, "\n".join(faults)


@pytest.mark.parametrize("homework", COURSE.assignments)
def test_a_homework_has_its_banks_of_solutions(homework: str) -> None:
    assignment = COURSE.assignment(homework)
    assert len(wrong_solutions(assignment)) >= 15
    assert len(correct_solutions(assignment)) >= 3
    assert assignment.max_score == 100
    assert assignment.time_budget_s <= (2 if homework in ("hw1", "hw2", "hw3", "hw4") else 60)
