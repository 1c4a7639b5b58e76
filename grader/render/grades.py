"""Grades as a table for a terminal, and each grade's explanation; prints nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from grader.gradebook.grades import Grade, GradeStatus
from grader.gradebook.sheet import Line
from grader.gradebook.words import amount, counted
from grader.render.look import Look, choose_glyphs, wrap
from grader.render.table import ENDLESS, MAX_WIDTH, MIN_WIDTH, text_table

_GAP = "  "
_COLORS = {
    GradeStatus.UNREADABLE: "yellow",
    GradeStatus.MISSING: "red",
    GradeStatus.EXCUSED: "dim",
    GradeStatus.ERROR: "yellow",
}


def render_grades(
    homework: str,
    lines: Sequence[Line],
    *,
    color: bool,
    width: int | None,
    explain: bool = False,
    roster: bool = True,
    encoding: str = "utf-8",
) -> str:
    """A line for each student and a summary, no final newline; `explain` adds every step.

    Without a `width`, as for a file, a line is as long as it is; what is too long for one goes on
    below. Where there is no `roster`, nobody is missing from it.
    """
    look = Look(
        width=ENDLESS if width is None else min(max(width, MIN_WIDTH), MAX_WIDTH),
        color=color,
        encoding=encoding,
        glyphs=choose_glyphs(encoding),
    )
    if explain:
        blocks = [_explained(line, look) for line in lines]
        return "\n".join([part for block in blocks for part in (*block, "")][:-1])
    columns = {
        "student": [line.student.id for line in lines],
        "name": [line.student.name for line in lines],
        "section": [line.student.section for line in lines],
    }
    shown = {
        name: [look.clean(value, 200) for value in values]
        for name, values in columns.items()
        if any(values)
    }
    table = [[*heads] for heads in zip(*shown.values(), strict=True)] if lines else []
    header = [name.capitalize() for name in shown]
    header += ["Score", "of", "Late", "Notes"]
    marks = _marks(lines)
    for row, line in zip(table, lines, strict=True):
        row += _figures(line.grade)
        row.append(look.clean("; ".join(_notes(line, roster, marks)), 1000))
    right = {len(header) - 4, len(header) - 3}
    styles = [_COLORS.get(line.grade.status, "") for line in lines]
    text = text_table(header, table, look, right, styles)
    below = [f"{mark} {warning}" for warning, mark in marks.items()]
    below.append(summary(homework, lines, roster))
    return "\n".join([*text, "", *(part for words in below for part in wrap(words, look.width))])


def summary(homework: str, lines: Sequence[Line], roster: bool = True) -> str:
    """In one sentence how many have what, and the mean and median of those handed in."""
    counts = Counter(line.grade.status for line in lines)
    words = [f"{counts[status]} {status.value}" for status in GradeStatus if counts[status]]
    text = f"{homework}: {counted(len(lines), 'student')}"
    text += f" ({', '.join(words)})" if words else ""
    strangers = sum(not line.student.enrolled for line in lines)
    text += f"; {strangers} not on the roster" if roster and strangers else ""
    handed_in = (GradeStatus.GRADED, GradeStatus.UNREADABLE)
    grades = [line.grade for line in lines if line.grade.status in handed_in]
    scores = sorted(grade.score for grade in grades if grade.score is not None)
    if scores:
        mean = sum(scores, Decimal(0)) / len(scores)
        middle = len(scores) // 2
        median = (scores[middle] + scores[-middle - 1]) / 2
        text += f"; handed in: mean {mean:.1f}, median {median:.1f}"
    return text + "."


def _figures(grade: Grade) -> list[str]:
    score = "–" if grade.score is None else amount(grade.score)
    most = "" if grade.max_score is None else amount(grade.max_score)
    late = f"{grade.days_late} d" if grade.days_late else ""
    return [score, most, late]


def _marks(lines: Sequence[Line]) -> dict[str, str]:
    """A mark for each warning that many have, which then stands once below the table."""
    counts = Counter(warning for line in lines for warning in line.grade.warnings)
    common = [warning for warning, count in counts.items() if count > 1]
    return {warning: f"({i})" for i, warning in enumerate(common, start=1)}


def _notes(line: Line, roster: bool, marks: dict[str, str]) -> list[str]:
    grade = line.grade
    notes = [] if grade.status is GradeStatus.GRADED else [_status(grade)]
    if line.reason:
        notes = [": ".join([*notes, line.reason.rstrip(".")])]
    if grade.penalty:
        notes.append(f"−{amount(grade.penalty)} for lateness")
    if grade.late_days_spent:
        notes.append(f"{counted(grade.late_days_spent, 'late day')} spent")
    if grade.adjusted:
        notes.append(grade.adjusted)
    if roster and not line.student.enrolled:
        notes.append("not on the roster")
    return [*notes, *(marks.get(warning, warning) for warning in grade.warnings)]


def _status(grade: Grade) -> str:
    if grade.status is GradeStatus.ERROR:
        return "withheld: the grader failed"
    return grade.status.value


def _explained(line: Line, look: Look) -> list[str]:
    student, grade = line.student, line.grade
    score = "no grade" if grade.score is None else amount(grade.score)
    most = (
        "" if grade.max_score is None or grade.score is None else f" of {amount(grade.max_score)}"
    )
    name = f" {look.clean(student.name, 200)}" if student.name else ""
    head = f"{look.clean(student.id, 200)}{name}: {score}{most}"
    notes = [*filter(None, [line.reason]), *grade.warnings]
    steps = [*grade.lines, *(f"note: {note}" for note in notes)]
    body = [
        f"{_GAP if i == 0 else _GAP * 2}{part}"
        for step in steps
        for i, part in enumerate(wrap(look.clean(step), look.width - 4))
    ]
    return [look.paint(head, "bold"), *body]
