"""Every example of `docs/grades.md` is computed, and each of its lines compared."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from grader.gradebook.grades import Adjustment, Case, Homework, homework_grade
from grader.gradebook.model import Attempt, AttemptStatus, Handed, Key
from grader.gradebook.policy import policy_from_dict
from grader.gradebook.words import amount

PAGE = Path(__file__).resolve().parents[2] / "docs" / "grades.md"
EXAMPLES = re.findall(
    r"^```toml\n(.*?)^```\n\n```text\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S
)


def attempt(number: int, given: dict[str, Any]) -> Attempt:
    key = Key(
        homework="hw3",
        student="ana",
        submission_hash=str(number),
        suite_hash="",
        environment_hash="",
    )
    return Attempt(
        id=number,
        submission_id=number,
        key=key,
        handed=Handed(submitted_at=given["at"], time_from="commit"),
        status=AttemptStatus.GRADED,
        score=Decimal(given["score"]),
        max_score=Decimal(100),
        graded_at=given["at"],
    )


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 10
    assert PAGE.read_text("utf-8").count("```toml") == len(EXAMPLES)


@pytest.mark.parametrize(("given", "expected"), EXAMPLES, ids=range(1, len(EXAMPLES) + 1))
def test_an_example_is_what_the_grader_says(given: str, expected: str) -> None:
    table = tomllib.loads(given)
    policy = {name.replace("-", "_"): value for name, value in table["policy"].items()}
    case = Case(
        homework=Homework(
            id="hw3", due_at=table["due"], policy=policy_from_dict(policy), max_score=Decimal(100)
        ),
        attempts=[attempt(i, one) for i, one in enumerate(table.get("attempt", []), start=1)],
        extended_to=table.get("extended-to"),
        extension_reason=table.get("extension-reason", ""),
        adjustments=[
            Adjustment(id=i, kind=a["kind"], points=Decimal(a["points"]), reason=a["reason"])
            for i, a in enumerate(table.get("adjustment", []))
        ],
    )
    grade = homework_grade(case, table.get("late-days", 0))
    assert grade.score is not None
    assert [*grade.lines, f"grade: {amount(grade.score)}"] == expected.splitlines()
