"""From attempts to a grade: which counts, how late it is, what that costs, what was adjusted.

Pure functions over frozen data, decimals only; every step is exact and told in a line of text,
and one rounding ends it. `docs/grades.md` states the rules with examples. No clock, no database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation, localcontext
from enum import StrEnum

from grader.gradebook.model import FILE_TIME, Attempt, AttemptStatus
from grader.gradebook.policy import Policy
from grader.gradebook.words import amount, counted, lateness, moment, signed

_DAY = timedelta(days=1)
_NONE = timedelta(0)
# a step that would have to round fails instead; only the last one may
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])
_ROUNDING = Context(prec=60, traps=[InvalidOperation])


class GradeStatus(StrEnum):
    """`ERROR` is ours and withholds the grade; `EXCUSED` does not count; the others have one."""

    GRADED = "graded"
    UNREADABLE = "unreadable"
    MISSING = "missing"
    EXCUSED = "excused"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """Points added (or taken), or with `kind` "set" the grade itself, for a reason."""

    id: int
    kind: str
    points: Decimal
    reason: str


@dataclass(frozen=True, kw_only=True)
class Homework:
    """A homework's rules; `max_score` is None where nothing was graded yet."""

    id: str
    due_at: datetime | None = None
    policy: Policy = field(default_factory=Policy)
    max_score: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Case:
    """What there is of one student in one homework, in any order."""

    homework: Homework
    attempts: Sequence[Attempt] = ()
    extended_to: datetime | None = None
    extension_reason: str = ""
    excused: str | None = None
    adjustments: Sequence[Adjustment] = ()


@dataclass(frozen=True, kw_only=True)
class Grade:
    """A grade and why it is so.

    `score` is None where it is withheld (error) or does not count (excused). `raw_score` is the
    attempt's own, `penalty` what lateness cost (0 or more), `adjustment` what adjustments changed
    and `adjusted` that in words. `due_at` is the student's, later where `extended`. `lines`
    explains every step; `warnings` says what an instructor should look at.
    """

    homework: str
    status: GradeStatus
    score: Decimal | None
    max_score: Decimal | None
    attempt: Attempt | None = None
    attempts: int = 0
    raw_score: Decimal | None = None
    days_late: int = 0
    late_days_spent: int = 0
    late_days_left: int = 0
    penalty: Decimal = Decimal(0)
    adjustment: Decimal = Decimal(0)
    adjusted: str = ""
    due_at: datetime | None = None
    extended: bool = False
    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Marked:
    """One attempt with its lateness priced."""

    attempt: Attempt
    score: Decimal
    days: int = 0
    spent: int = 0
    penalty: Decimal = Decimal(0)
    lines: tuple[str, ...] = field(default=(), compare=False)


def course_grades(cases: Iterable[Case], late_days: int = 0) -> dict[str, Grade]:
    """One student's grades by homework; the bank of late days is spent in order of due dates.

    Homeworks with the same due date go by id, those without one come last. The order of `cases`,
    and of anything inside a case, never changes a grade.
    """
    grades: dict[str, Grade] = {}
    left = late_days
    for case in sorted(cases, key=_in_order):
        grade = homework_grade(case, left)
        left = grade.late_days_left
        grades[case.homework.id] = grade
    return grades


def homework_grade(case: Case, late_days: int = 0) -> Grade:
    """One student's grade in one homework, with `late_days` left in the bank."""
    homework, policy = case.homework, case.homework.policy
    current = current_attempts(case.attempts)
    blank = Grade(
        homework=homework.id,
        status=GradeStatus.MISSING,
        score=None,
        max_score=homework.max_score,
        attempts=len(current),
        late_days_left=late_days,
        due_at=_due(case),
        extended=_due(case) != homework.due_at,
    )
    if case.excused is not None:
        words = f"excused: {case.excused}; the homework does not count"
        return replace(blank, status=GradeStatus.EXCUSED, lines=(words,))
    failed = [attempt for attempt in current if attempt.status is AttemptStatus.ERROR]
    with localcontext(_EXACT):
        marked = [_mark(attempt, case, late_days) for attempt in current if attempt not in failed]
        chosen = _choose(marked, policy)
        blocking = _blocking(failed, chosen, policy)
        if blocking is not None and not any(a.kind == "set" for a in case.adjustments):
            return _withheld(blank, blocking, chosen)
        base = chosen.score if chosen else Decimal(0)
        most = (chosen.attempt.max_score if chosen else None) or homework.max_score
        lines = list(chosen.lines) if chosen else []
        lines += [] if chosen or failed else ["nothing was handed in: 0"]
        adjusted = _adjust(base, most, case, lines)
        final = _round(adjusted, policy.places, lines)
    grade = replace(
        blank,
        status=GradeStatus.GRADED if failed else GradeStatus.MISSING,
        score=final,
        max_score=most,
        adjustment=adjusted - base,
        adjusted=_adjusted(base, adjusted, case.adjustments),
        lines=tuple(lines),
    )
    if chosen is None:
        return grade
    return replace(
        grade,
        status=GradeStatus(chosen.attempt.status.value),
        attempt=chosen.attempt,
        raw_score=chosen.attempt.score,
        days_late=chosen.days,
        late_days_spent=chosen.spent,
        late_days_left=late_days - chosen.spent,
        penalty=chosen.penalty,
        warnings=_warnings(chosen.attempt, case),
    )


def current_attempts(attempts: Iterable[Attempt]) -> list[Attempt]:
    """For each handing in the grading that counts, by the time of handing in.

    That is the latest verdict; an error of ours never takes a verdict's place, and is settled by a
    later verdict on what was found at the same place.
    """
    latest: dict[int, Attempt] = {}
    verdicts: dict[str, int] = {}
    for attempt in sorted(attempts, key=lambda a: a.id):
        is_verdict = attempt.status is not AttemptStatus.ERROR
        if is_verdict:
            verdicts[attempt.handed.source] = attempt.id
        before = latest.get(attempt.submission_id)
        if is_verdict or before is None or before.status is AttemptStatus.ERROR:
            latest[attempt.submission_id] = attempt
    current = [
        attempt
        for attempt in latest.values()
        if attempt.status is not AttemptStatus.ERROR
        or verdicts.get(attempt.handed.source, 0) < attempt.id
    ]
    return sorted(current, key=_handed_in)


def days_late(by: timedelta, grace_minutes: int = 0) -> int:
    """Days of 24 hours begun after the due date; 0 up to the grace period's end, that included."""
    if by <= max(timedelta(minutes=grace_minutes), _NONE):
        return 0
    return -(-by // _DAY)


def _in_order(case: Case) -> tuple[bool, float, str]:
    due = case.homework.due_at
    return (due is None, 0.0 if due is None else due.timestamp(), case.homework.id)


def _handed_in(attempt: Attempt) -> tuple[float, int, int]:
    at = attempt.submitted_at
    return (float("-inf") if at is None else at.timestamp(), attempt.submission_id, attempt.id)


def _known_time(attempt: Attempt, policy: Policy) -> datetime | None:
    """When it was handed in, as far as lateness may rest on it."""
    if attempt.handed.time_from == FILE_TIME and not policy.file_times:
        return None
    return attempt.submitted_at


def _due(case: Case) -> datetime | None:
    due = case.homework.due_at
    if due is None or case.extended_to is None:
        return due
    return max(due, case.extended_to)


def _mark(attempt: Attempt, case: Case, late_days: int) -> _Marked:
    """The attempt's score after lateness, late days of the bank spent where that helps."""
    score = attempt.score or Decimal(0)
    most = attempt.max_score
    of = f" of {amount(most)}" if most is not None else ""
    unread = " (it could not be read)" if attempt.status is AttemptStatus.UNREADABLE else ""
    lines = [f"attempt {attempt.id}, {_when(attempt)}: {amount(score)}{of}{unread}"]
    due, at = _due(case), _known_time(attempt, case.homework.policy)
    if due is None or at is None:
        return _Marked(attempt=attempt, score=score, lines=tuple(lines))
    policy = case.homework.policy
    extended = f", extended for this student ({case.extension_reason})"
    lines.append(f"due {moment(due)}{extended if due != case.homework.due_at else ''}")
    days = days_late(at - due, policy.grace_minutes)
    if days == 0:
        if at > due:
            lines.append(f"{lateness(at - due)} late, within {policy.grace_minutes} min of grace")
        return _Marked(attempt=attempt, score=score, lines=tuple(lines))
    lines.append(f"{lateness(at - due)} late: {counted(days, 'day')}")
    if policy.max_days is not None and days > policy.max_days:
        lines.append(f"more than {counted(policy.max_days, 'day')} late is not accepted: 0")
        return _Marked(
            attempt=attempt, score=Decimal(0), days=days, penalty=score, lines=tuple(lines)
        )
    free = min(days, late_days, days if policy.bank_limit is None else policy.bank_limit)
    full, _ = _penalty(score, most, days, policy)
    penalty, words = _penalty(score, most, days - free, policy)
    if penalty == full:
        free = 0  # spending would not help
        penalty, words = _penalty(score, most, days, policy)
    if free:
        left = counted(late_days - free, "day")
        lines.append(f"{counted(free, 'late day')} of the bank spent, {left} left")
    lines += [f"{words} → {amount(score - penalty)}"] if words else []
    return _Marked(
        attempt=attempt,
        score=score - penalty,
        days=days,
        spent=free,
        penalty=penalty,
        lines=tuple(lines),
    )


def _penalty(
    score: Decimal, most: Decimal | None, days: int, policy: Policy
) -> tuple[Decimal, str]:
    """What `days` cost, at most the score itself, and that in words."""
    if days == 0 or policy.percent_per_day == 0 or score == 0:
        return Decimal(0), ""
    percent = min(days * policy.percent_per_day, policy.max_percent)
    base = most if policy.percent_of == "max" and most is not None else score
    taken = base * percent.scaleb(-2)
    capped = " (the most)" if percent < days * policy.percent_per_day else ""
    words = (
        f"{counted(days, 'day')} late: −{amount(percent)} %{capped}"
        f" of {amount(base)} = −{amount(taken)}"
    )
    return min(taken, score), words


def _when(attempt: Attempt) -> str:
    if attempt.submitted_at is None:
        return "handed in at an unknown time"
    return f"handed in {moment(attempt.submitted_at)} ({attempt.handed.time_from or 'recorded'})"


def _choose(marked: Sequence[_Marked], policy: Policy) -> _Marked | None:
    """The attempt that counts: the last, or the best, of equals the one that cost less, earlier."""
    if not marked:
        return None
    if policy.attempts == "last":
        return max(marked, key=lambda m: _handed_in(m.attempt))
    return min(marked, key=lambda m: (-m.score, m.spent, _handed_in(m.attempt)))


def _blocking(failed: list[Attempt], chosen: _Marked | None, policy: Policy) -> Attempt | None:
    """The attempt whose error of ours withholds the grade, because it could change it."""
    if not failed:
        return None
    last = max(failed, key=_handed_in)
    if chosen is not None:
        is_newer = _handed_in(chosen.attempt) > _handed_in(last)
        is_full = chosen.score == chosen.attempt.max_score
        harmless = is_newer if policy.attempts == "last" else is_full
        if harmless:
            return None
    return last


def _withheld(blank: Grade, blocking: Attempt, chosen: _Marked | None) -> Grade:
    reason = blocking.error or "the grader failed"
    lines = [f"attempt {blocking.id} could not be graded: {reason}; the grade is withheld"]
    if chosen is not None:
        lines.append(f"attempt {chosen.attempt.id} alone would give {amount(chosen.score)}")
    return replace(blank, status=GradeStatus.ERROR, attempt=blocking, lines=tuple(lines))


def _adjust(base: Decimal, most: Decimal | None, case: Case, lines: list[str]) -> Decimal:
    """`base` after the adjustments, in the order they were made, within 0 and the maximum."""
    score = base
    for adjustment in sorted(case.adjustments, key=lambda a: a.id):
        if adjustment.kind == "set":
            score = adjustment.points
            lines.append(f"set to {amount(score)}: {adjustment.reason}")
        else:
            points = adjustment.points
            lines.append(
                f"adjusted by {signed(points)}: {adjustment.reason} → {amount(score + points)}"
            )
            score += points
    if score < 0:
        lines.append("a grade is never below 0: 0")
        return Decimal(0)
    if most is not None and score > most and not case.homework.policy.over_max:
        lines.append(f"a grade is never above the maximum: {amount(most)}")
        return most
    return score


def _adjusted(base: Decimal, score: Decimal, adjustments: Iterable[Adjustment]) -> str:
    """What the adjustments made of `base` in words, without their reasons."""
    in_order = sorted(adjustments, key=lambda a: a.id)
    kinds = [adjustment.kind for adjustment in in_order]
    if "set" not in kinds:
        return f"adjusted by {signed(score - base)}" if score != base else ""
    if kinds[-1] == "set":
        return f"set to {amount(score)}"
    start = next(one.points for one in reversed(in_order) if one.kind == "set")
    return f"set to {amount(start)}, then adjusted by {signed(score - start)}"


def _round(score: Decimal, places: int, lines: list[str]) -> Decimal:
    unit = Decimal(1).scaleb(-places)
    rounded = score.quantize(unit, rounding=ROUND_HALF_UP, context=_ROUNDING)
    if rounded != score:
        lines.append(f"rounded to {counted(places, 'decimal')}, halves up: {amount(rounded)}")
    return rounded


def _warnings(attempt: Attempt, case: Case) -> tuple[str, ...]:
    """What makes the attempt's lateness doubtful."""
    if _due(case) is None or _known_time(attempt, case.homework.policy) is not None:
        return ()
    if attempt.handed.marked_late:
        return ("its platform marks it late, but not by how much: counted as on time",)
    if attempt.handed.layout == "canvas":
        return ()  # Canvas marks what is late
    if attempt.submitted_at is None:
        return ("nothing says when it was handed in: counted as on time",)
    return ("nothing but a file's own time says when it was handed in: counted as on time",)


def most_points(attempts: Iterable[Attempt]) -> Decimal | None:
    """The maximum of the newest verdict among a homework's attempts: what a missing one is of."""
    newest: Mapping[int, Decimal] = {
        attempt.id: attempt.max_score for attempt in attempts if attempt.max_score is not None
    }
    return newest[max(newest)] if newest else None
