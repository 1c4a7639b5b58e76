"""Which of the known names someone may have meant; a leaf."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """ "Did you mean moodle-worksheet or moodle-gradebook? "; "" where nothing is near."""
    known = list(names)
    within = [one for one in known if name and name.casefold() in one.split("-")]
    near = within or get_close_matches(name.casefold(), known, n=2)
    return f"Did you mean {' or '.join(near)}? " if near else ""
