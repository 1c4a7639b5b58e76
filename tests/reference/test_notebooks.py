"""The notebooks that students get run from top to bottom before anything is written in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ASSIGNMENTS = Path(__file__).parents[2] / "assignments"


@pytest.mark.parametrize("homework", ["hw1", "hw2", "hw3", "hw4"])  # those without torch
def test_a_starter_runs_as_it_is_shipped(homework: str) -> None:
    text = (ASSIGNMENTS / homework / f"{homework}.ipynb").read_text(encoding="utf-8")
    space = {"__name__": "__main__"}
    for number, cell in enumerate(json.loads(text)["cells"]):
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"<cell {number}>", "exec"), space)
    assert "quiz_answers" in space
