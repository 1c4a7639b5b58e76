"""Annotations of the student's lines, as workflow commands to be printed in a step.

GitHub shows ten errors of a step, so tests that failed at the same line share one, and those with
a line come first. A notebook's lines are its cells', which GitHub cannot show, and a file in a zip
is not in the repository: both are said in words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from grader.export import words
from grader.export.actions import command
from grader.export.model import Context, Source
from grader.report.model import Report, Status, TestResult
from grader.text import safe_text

MAX_ERRORS = 10
MAX_TESTS = 5  # described in one annotation
_CALLED = re.compile(r"((?:[A-Za-z_]\w*\.)*)([A-Za-z_]\w*)\s*\(")
_WORD = re.compile(r"[A-Za-z_]\w{2,}")
_NAME = re.compile(r"[A-Za-z]\w*(?:_\w|[a-z][A-Z])\w*")  # snake_case or CamelCase: no plain word
_DEFINES = re.compile(r"\s*(?:async\s+)?(def|class)\s+([A-Za-z_]\w*)")


@dataclass
class _Group:
    """The tests that lost points at one line; those of a problem where no line is known."""

    line: int | None
    tests: list[TestResult] = field(default_factory=list)


def emit(report: Report, context: Context) -> str:
    """The commands, one a line; a notice with the total is the last."""
    lost = [t for t in report.tests if words.lost_points(t)]
    groups: dict[int | str, _Group] = {}
    for test in lost:
        if test.status not in (Status.NOT_RUN, Status.ERROR):
            line = _line_of(test, context.source)
            groups.setdefault(line or test.problem, _Group(line)).tests.append(test)
    ordered = sorted(groups.values(), key=lambda group: (group.line is None, group.line or 0))
    lines = [_error(group, report, context.source) for group in ordered[:MAX_ERRORS]]
    lines += _rest(report, ordered[MAX_ERRORS:])
    if report.score is None:
        lines.append(command("warning", words.NOT_GRADED, {"title": "Not graded"}))
    else:
        points = f"{words.points_text(report.score)} of {words.points_text(report.max_score)}"
        message = f"{points} points, {len(lost)} of {len(report.tests)} tests lost points"
        lines.append(command("notice", message, {"title": safe_text(report.title, 100)}))
    return "\n".join(lines) + "\n"


def _error(group: _Group, report: Report, source: Source | None) -> str:
    first = group.tests[0]
    properties: dict[str, str | int] = {}
    if source is not None:
        properties["file"] = safe_text(source.path, 400)
        if group.line is not None:
            properties["line"] = group.line
    lost = sum((t.max_score - t.score for t in group.tests), start=first.score * 0)
    points = "1 point" if lost == 1 else f"{words.points_text(lost)} points"
    title = f"Problem {first.problem}: {points} lost"
    properties["title"] = safe_text(title, 120)
    parts = [f"{words.title_of(t)}\n{words.feedback_text(t, output=0)}" for t in group.tests]
    shown = parts[:MAX_TESTS]
    if len(parts) > MAX_TESTS:
        shown.append(f"and {_tests(len(parts) - MAX_TESTS, 'more ')}")
    return command("error", "\n\n".join(shown), properties)


def _rest(report: Report, groups: list[_Group]) -> list[str]:
    """What has no annotation of its own: in the summary, all of it has."""
    untold = sum(len(group.tests) for group in groups)
    waiting = sum(test.status is Status.NOT_RUN for test in report.tests)
    said = []
    if untold:
        said.append(f"{_tests(untold, 'more ')} lost points")
    if waiting:
        said.append(f"{_tests(waiting)} did not run")
    if not said:
        return []
    return [command("warning", f"{', '.join(said)}: see the job summary", {"title": "More"})]


def _tests(count: int, more: str = "") -> str:
    return f"{count} {more}{'test' if count == 1 else 'tests'}"


def _line_of(test: TestResult, source: Source | None) -> int | None:
    """The line the exception came from, else where what was asked of is defined."""
    feedback = test.feedback
    if feedback is None or (source is not None and not source.has_lines):
        return None
    if feedback.place is not None:
        in_file = feedback.place.cell is None and feedback.place.line > 0
        return feedback.place.line if in_file else None
    if source is None:
        return None
    return definition_line(source.text, feedback.called or "", feedback.message)


def definition_line(text: str, called: str, message: str = "") -> int | None:
    """The line of `text`, from 1, that defines what `called` ("Net.forward(x)") names.

    Where that names nothing: the one definition of a word in it, or of a name in `message`.
    """
    lines: dict[str, list[int]] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if found := _DEFINES.match(line):
            lines.setdefault(found[2], []).append(number)
    call = _CALLED.match(called)
    if call is not None and call[2] in lines:
        owners = [lines[name][0] for name in call[1].split(".") if name in lines]
        after = [line for line in lines[call[2]] if line > max(owners, default=0)]
        return after[0] if after else lines[call[2]][0]
    for word in [*_WORD.findall(called), *_NAME.findall(message)]:
        if len(lines.get(word, ())) == 1:
            return lines[word][0]
    return None
