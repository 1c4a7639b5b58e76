"""Gradescope's export: a folder per submission and `submission_metadata.yml`, which says whose.

A submission of a group is found once for each of its members.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from grader.discover.listing import read_small
from grader.discover.model import Finding, Found, Place
from grader.discover.plain_yaml import NotPlain, read_plain_yaml
from grader.errors import UsageError
from grader.text import safe_text

NAME = "gradescope"
METADATA = "submission_metadata.yml"
_LIMIT = 256 << 20  # the export holds every result of every submission
# as YAML and Ruby write it; Python reads six digits of a second
_TIME = re.compile(
    r"\s*(?P<day>\d{4}-\d\d-\d\d)(?:[Tt]|[ \t]+)(?P<clock>\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d+))?"
    r"[ \t]*(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?\s*\Z",
    re.ASCII,
)
_WANTED = (":submitters", ":created_at", "submitters", "created_at")


def find(place: Place) -> Finding | None:
    """None where there is no metadata file; UsageError where it cannot be read."""
    if METADATA not in {child.name for child in place.children}:
        return None
    data = read_small(place.folder, METADATA, _LIMIT)
    if data is None:
        raise UsageError(f"{place.label}/{METADATA} is no plain file or larger than 256 MiB.")
    finding = Finding(used={METADATA})
    folders = {child.name for child in place.children if child.kind == "folder"}
    for name, entry in _entries(_read_yaml(data, place)):
        if name not in folders:
            finding.problems.append(f"{METADATA} names {safe_text(name, 80)!r}, which is not there")
            continue
        finding.used.add(name)
        at = _time(entry.get("created_at"))
        if at is None:
            finding.problems.append(f"{METADATA} says no time for {safe_text(name, 80)!r}")
        for identities in _submitters(entry) or [{}]:
            key = next((identities[k] for k in ("id", "email", "name") if k in identities), name)
            finding.found.append(
                Found(
                    student_key=key,
                    path=place.folder / name,
                    layout=NAME,
                    source=f"{place.label}/{name}",
                    identities=identities,
                    submitted_at=at,
                    time_from="gradescope" if at else "",
                )
            )
    for child in place.children:  # what the metadata does not name is still a submission
        if child.kind == "folder" and child.name not in finding.used:
            finding.used.add(child.name)
            finding.problems.append(f"{METADATA} does not name {child.name!r}")
            source = f"{place.label}/{child.name}"
            finding.found.append(
                Found(student_key=child.name, path=child.path, layout=NAME, source=source)
            )
    return finding


def _read_yaml(data: bytes, place: Place) -> Any:
    text = data.decode("utf-8", "replace")
    for candidate in (_only_wanted(text), text):
        try:
            return read_plain_yaml(candidate)
        except NotPlain as err:
            problem = err
    where = "" if problem.line is None else f" in line {problem.line}"
    raise UsageError(
        f"{place.label}/{METADATA} is no YAML{where}.", hint="Export the submissions again."
    ) from problem


def _only_wanted(text: str) -> str:
    """The lines of the keys that are needed: the results, most of the file, are not parsed."""
    kept, wanted = [], True
    for line in text.splitlines():
        if line[:1] not in (" ", ""):
            wanted = True
        elif line.startswith("  ") and line[2:3] not in (" ", "-", ""):
            wanted = line.strip().startswith(tuple(f"{key}:" for key in _WANTED))
        if wanted:
            kept.append(line)
    return "\n".join(kept)


def _entries(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(value, dict):
        raise UsageError(f"{METADATA} is not what Gradescope writes: it names no submission.")
    for name, entry in value.items():
        yield name, _without_colons(entry)


def _without_colons(entry: Any) -> dict[str, Any]:
    """Ruby writes its symbols as `:created_at`."""
    if not isinstance(entry, dict):
        return {}
    return {str(key).lstrip(":"): value for key, value in entry.items()}


def _submitters(entry: dict[str, Any]) -> list[dict[str, str]]:
    submitters = entry.get("submitters")
    found = []
    for submitter in submitters if isinstance(submitters, list) else []:
        values = _without_colons(submitter)
        named = {"id": values.get("sid"), "email": values.get("email"), "name": values.get("name")}
        texts = {kind: text.strip() for kind, text in named.items() if isinstance(text, str)}
        found.append({kind: text for kind, text in texts.items() if text})
    return [identities for identities in found if identities]


def _time(value: Any) -> datetime | None:
    if isinstance(value, dict):  # a Rails time: {utc, zone, time}
        value = value.get("utc")
    match = _TIME.match(value) if isinstance(value, str) else None
    if match is None:
        return None
    fraction, zone = match["fraction"] or "0", match["zone"] or "Z"
    try:
        at = datetime.fromisoformat(f"{match['day']}T{match['clock']}.{fraction:0<6.6}{zone}")
        return at.astimezone(UTC)
    except (ValueError, OverflowError):  # no such day; the year 1, further east
        return None
