"""What a platform calls a student, read again from where a submission of theirs was found."""

from __future__ import annotations

from grader.discover.layouts import canvas, moodle

_READ = {canvas.NAME: ("canvas", canvas.user_id), moodle.NAME: ("moodle", moodle.participant)}


def platform_ids(layout: str, source: str) -> dict[str, str]:
    """Ids by their kinds, from `Found.layout` and `Found.source`: {"canvas": "5001"}.

    "moodle" is the participant's number, which holds in one assignment only.
    """
    if layout not in _READ:
        return {}
    kind, read = _READ[layout]
    found = read(source.rpartition("/")[2])
    return {kind: found} if found else {}
