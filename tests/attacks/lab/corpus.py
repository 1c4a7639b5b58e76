"""Reads the attacks in corpus/: a title, a few words about each, and the submission it makes.

An attack is Python that is put after an honest stub of homework 3 (problem 3.2 done, the rest not).
Where it defines `attack()`, that is called in `toy_forward` or at import (`# when:`), and what it
brings back is printed with the word [won]; else it is on its own.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parents[1] / "corpus"
STUB = (Path(__file__).parent / "stub.py").read_text(encoding="utf-8")
WIRE = (Path(__file__).parent / "wire_tools.py").read_text(encoding="utf-8")

CATEGORIES = (
    "files", "processes", "network", "kernel", "resources", "ends", "verdict", "wire", "text",
)  # fmt: skip
TOY = (
    "test_toy_graph_at_two_and_one",
    "test_toy_graph_anywhere",
    "test_numerical_gradient_any_shape",
    "test_quiz_q2",
)
SEVERAL = (
    *TOY,
    "test_numerical_gradient_of_rounded_figures",
    "test_step_approximation_of_a_sine",
    "test_net_forward_on_the_example",
    "test_bernoulli_cross_entropy_of_certain_outputs",
    "test_activations",
    "test_train_xor",
    "test_quiz_q1",
)
WORDS = {
    "category", "stopped by", "when", "tests", "wall", "expects", "open at", "shown", "needs",
    "file",
}  # fmt: skip

_WRAP = {
    "import": "\n_attempt()\n",
    "call": "\n_honest = toy_forward\n\n\ndef toy_forward(a, b):\n    _attempt()\n"
    "    return _honest(a, b)\n",
}


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One attack. `expects` are the statuses that the public toy test may end with.

    `open_at` are the configurations where it is known to succeed, and harmless; `shown` says
    where it is shown to succeed without the sandbox, and by what evidence: ("unconfined", "won");
    `shown_as_root` that only root may do it there.
    """

    name: str
    title: str
    category: str
    stopped_by: tuple[str, ...]
    when: str
    tests: tuple[str, ...]
    wall_s: float
    expects: tuple[str, ...]
    open_at: tuple[str, ...]
    shown: tuple[str, str] | None
    shown_as_root: bool
    source: str
    files: dict[str, str]

    @property
    def attempts(self) -> bool:
        """Whether it tries something and says if it was stopped."""
        return "def attack(" in self.source

    def submission(self, places: dict[str, str]) -> dict[str, str]:
        """The files to hand in, with the decoys' addresses put in."""
        wrap = _WRAP[self.when] if self.attempts else ""
        files = {"hw3.py": STUB + "\n\n" + self.source + wrap, **self.files}
        for word, place in places.items():
            files = {name: text.replace(f"@{word}@", place) for name, text in files.items()}
        unknown = {match for text in files.values() for match in re.findall(r"@[A-Z_]+@", text)}
        assert not unknown, f"{self.name} names unknown decoys {unknown}"
        return files


def read_attack(path: Path) -> Attack:
    """The attack of one file; AssertionError where it is not well formed."""
    main, *others = re.split(r"^# file: (\S+)\n", path.read_text(encoding="utf-8"), flags=re.M)
    title = ast.get_docstring(ast.parse(main))
    assert title, f"{path.name} has no title"
    words = dict(re.findall(r"^# ([a-z ]+): (.*)$", main, flags=re.M))
    unknown = set(words) - WORDS
    assert not unknown, f"{path.name} says {unknown}"
    category = words["category"]
    assert category in CATEGORIES
    assert path.stem.startswith(category), f"{path.name} is of category {category}"
    shown = words.get("shown", "").split()
    tests = words.get("tests", "toy")
    return Attack(
        name=path.stem,
        title=title.splitlines()[0],
        category=category,
        stopped_by=tuple(words["stopped by"].split(", ")),
        when=words.get("when", "call"),
        tests={"toy": TOY, "several": SEVERAL}.get(tests, (tests,)),
        wall_s=float(words.get("wall", 5.0)),
        expects=tuple(words.get("expects", "passed").split(" or ")),
        open_at=tuple(words.get("open at", "").split(", ")),
        shown=(shown[0], shown[1]) if shown else None,
        shown_as_root=shown[2:] == ["root"],
        source=(WIRE + "\n\n" if words.get("needs") == "wire" else "") + main,
        files=dict(zip(others[::2], others[1::2], strict=True)),
    )


ATTACKS = tuple(read_attack(path) for path in sorted(CORPUS.glob("*.py")))
