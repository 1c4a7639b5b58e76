"""Moodle's offline grading worksheet, made from the one downloaded there.

Only the column Grade is changed. Moodle leaves out a row whose grade was changed after the
worksheet was downloaded; it sees that by `Last modified (grade)`, which stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from grader.errors import UsageError
from grader.export import cells, match, rows
from grader.export.model import ClassRequest, Exported, Row
from grader.export.words import points_text
from grader.text import safe_text

_NEEDED = ("Identifier", "Grade", "Last modified (grade)")
# the number in Identifier is the participant's in this assignment: only an id known to be that fits
_KEYS = {
    "participant": ("moodle",),
    "identifier": ("student",),
    "Email address": match.PERSON,
    "ID number": (*match.PERSON, "idnumber", "sis"),
    "Username": (*match.PERSON, "login", "username"),
}
_LOCK = "Grade can be changed"
_READ_BY_MOODLE = {*_NEEDED, "Email address", "ID number", "Username", "Feedback comments"}
_PARTICIPANT = re.compile(r"(?P<word>\D*)(?P<number>\d+)")  # "Participant 12", in any language
_HINT = "Download it in Moodle: the assignment, Grading action, Download grading worksheet."


def emit(request: ClassRequest) -> Exported:
    """The worksheet with grades and notes; UsageError where the downloaded file does not fit."""
    if request.downloaded is None:
        raise UsageError("Moodle's worksheet is needed: name it with --gradebook.", hint=_HINT)
    table = cells.read_table(request.downloaded, "The grading worksheet")
    cells.check_columns(table.header, _NEEDED, "The grading worksheet", _HINT)
    records = table.records()
    keyed = [{**record, **_participant(record)} for record in records]
    matched = match.match(request.rows, keyed, _KEYS, lambda r: r.get("Full name", ""))
    locked = []
    lines: list[list[str]] = [list(table.header)]
    for index, record in enumerate(records):
        row = matched.rows.get(index)
        if row is not None and row.score is not None:
            if record.get(_LOCK, "Yes").strip().casefold() == "no":
                locked.append(safe_text(row.student, 200))
            else:
                record["Grade"] = _grade(record, row, row.score)
        lines.append([_kept(record, name) for name in table.header])
    notes = match.notes_on(matched, sum(row.score is None for row in matched.rows.values()))
    if locked:
        notes += (f"Locked in Moodle, so left unchanged: {', '.join(locked)}.",)
    return Exported(text=cells.write_table(lines, table.delimiter), notes=notes)


def _participant(record: Mapping[str, str]) -> dict[str, str]:
    found = _PARTICIPANT.fullmatch(record["Identifier"].strip())
    return {
        "participant": found["number"] if found else "",
        "identifier": found[0] if found and found["word"] else "",
    }


def _kept(record: Mapping[str, str], name: str) -> str:
    return record[name] if name in _READ_BY_MOODLE else cells.neutral(record[name])


def _grade(record: Mapping[str, str], row: Row, score: Decimal) -> str:
    """The grade; an error where Moodle's maximum is not the homework's: it takes no more."""
    text = record.get("Maximum Grade") or record.get("Maximum grade") or ""
    maximum = cells.number_in(text)
    if maximum is not None and row.max_score not in (None, maximum):
        raise UsageError(
            f"Moodle's maximum grade is {text.strip()}, the homework's "
            f"{points_text(row.max_score)}.",
            hint="Set the assignment's maximum grade in Moodle, then download the worksheet again.",
        )
    return rows.two_decimals(score)
