"""A CSV for Moodle's gradebook import: one column that names the user, one with the grade.

One unknown user or one cell that is no number ends the whole import, so every student is looked
up in an export of the gradebook first, and only those that are in it are written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.errors import UsageError
from grader.export import cells, match, rows
from grader.export.model import ClassRequest, Exported

NO_GRADE = "-"
_KEYS = {  # Moodle maps a user by any of these
    "ID number": (*match.PERSON, "idnumber", "sis"),
    "Email address": match.PERSON,
    "Username": (*match.PERSON, "login", "username"),
}
_HINT = "Export it in Moodle: Grades, Export, Plain text file."


def emit(request: ClassRequest) -> Exported:
    """The import file and notes; UsageError where the exported file does not fit."""
    if request.downloaded is None:
        raise UsageError("A gradebook export is needed: name it with --gradebook.", hint=_HINT)
    table = cells.read_table(request.downloaded, "The Moodle gradebook")
    keys = {name: kinds for name, kinds in _KEYS.items() if table.header.count(name) == 1}
    if not keys:
        raise UsageError(
            f"The Moodle gradebook has none of the columns {', '.join(_KEYS)}.", hint=_HINT
        )
    records = table.records()
    matched = match.match(request.rows, records, keys, _name)
    key = _identifying(list(keys), records, sorted(matched.rows))
    title = request.column or request.title or request.homework or "Grade"
    lines = [[key, cells.neutral(title)]]
    for index, row in sorted(matched.rows.items()):
        if row.excused:
            lines.append([records[index][key].strip(), NO_GRADE])
        elif row.score is not None:
            lines.append([records[index][key].strip(), rows.two_decimals(row.score)])
    without = sum(row.score is None and not row.excused for row in matched.rows.values())
    return Exported(text=cells.write_table(lines), notes=match.notes_on(matched, without))


def _name(record: Mapping[str, str]) -> str:
    if record.get("Full name"):
        return record["Full name"]
    last = record.get("Last name") or record.get("Surname") or ""
    return f"{record.get('First name', '')} {last}".strip()


def _identifying(
    keys: Sequence[str], records: Sequence[Mapping[str, str]], indices: Sequence[int]
) -> str:
    """The first column that names every student to be written, and each only once in the file."""
    for key in keys:
        everyone = [record[key].strip().casefold() for record in records]
        if all(everyone[i] and everyone.count(everyone[i]) == 1 for i in indices):
            return key
    raise UsageError(
        f"No column of {', '.join(keys)} names every student of the Moodle gradebook once.",
        hint="Give the students id numbers in Moodle, or export with the email addresses shown.",
    )
