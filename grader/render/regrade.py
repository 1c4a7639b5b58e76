"""What a regrade would change as text: scores, then tests, then a summary; prints nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from grader.batch.comparing import NEW, Change
from grader.gradebook.words import amount, counted, signed
from grader.render.look import Look, wrap
from grader.render.table import text_table

MOST_TESTS = 5  # named in the summary


def render_changes(found: Sequence[Change], graded: int, look: Look) -> str:
    """A table of what changes and one of the tests that do, then how many; no final newline.

    `graded` counts all submissions that were graded again.
    """
    scores = [_cleaned(_scores(change), look) for change in found]
    tests = [
        _cleaned((change.student, test.test, _words(test.before), _words(test.after)), look)
        for change in found
        for test in change.tests
        if NEW not in change.causes  # all of its tests are
    ]
    lines = []
    if scores:
        header = ("Student", "Before", "After", "Change", "Cause")
        lines += [*text_table(header, scores, look, {1, 2, 3}), ""]
    if tests:
        lines += [*text_table(("Student", "Test", "Before", "After"), tests, look), ""]
    for text in summary(found, graded):
        lines += wrap(look.clean(text, 2000), look.width)
    return "\n".join(lines)


def summary(found: Sequence[Change], graded: int) -> Iterator[str]:
    """How many submissions change and how, and in which tests."""
    every = f"{counted(graded, 'submission')} graded again"
    if not found:
        yield f"{every}: no score and no test changes."
        return
    steps = [_step(change) for change in found]
    kinds = {
        "up": sum(step is not None and step > 0 for step in steps),
        "down": sum(step is not None and step < 0 for step in steps),
        "with the same score": sum(step == 0 for step in steps),
        "without a score before or after": sum(step is None for step in steps),
    }
    kinds_text = ", ".join(f"{count} {kind}" for kind, count in kinds.items() if count)
    yield f"{every}: {counted(len(found), 'change')} ({kinds_text})."
    tests = Counter(t.test for change in found if NEW not in change.causes for t in change.tests)
    named = [f"{test} in {count}" for test, count in tests.most_common(MOST_TESTS)]
    if more := len(tests) - len(named):
        named.append(counted(more, "more test"))
    if named:
        yield f"Tests: {', '.join(named)}."


def _step(change: Change) -> Decimal | None:
    if change.before is None or change.after is None:
        return None
    return change.after - change.before


def _scores(change: Change) -> tuple[str, ...]:
    step = _step(change)
    shown = ["–" if score is None else amount(score) for score in (change.before, change.after)]
    moved = "" if step is None else "same" if step == 0 else signed(step)
    return (change.student, *shown, moved, ", ".join(change.causes))


def _words(result: str | None) -> str:
    return "–" if result is None else result.replace("_", " ")


def _cleaned(row: Sequence[str], look: Look) -> list[str]:
    return [look.clean(cell, 200) for cell in row]
