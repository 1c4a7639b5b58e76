"""Finds a class's submissions in the layouts that platforms make, and whose they are.

Everything found is hostile: no link is followed, no program is run on it (git included), names
and archives are bounded. What cannot be used becomes a problem that is told, never left out.
"""

from grader.discover.find import discover
from grader.discover.match import Matched, Matching, match
from grader.discover.model import Discovery, Found
from grader.discover.roster import Person, read_roster

__all__ = [
    "Discovery",
    "Found",
    "Matched",
    "Matching",
    "Person",
    "discover",
    "match",
    "read_roster",
]
