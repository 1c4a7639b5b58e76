"""Gradescope's export: a folder per submission and `submission_metadata.yml`, which says whose.

A submission of a group is found once for each of its members.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from grader.discover.listing import is_folder, read_small
from grader.discover.model import Finding, Found, Place
from grader.errors import UsageError
from grader.text import safe_text

NAME = "gradescope"
METADATA = "submission_metadata.yml"
_LIMIT = 256 << 20  # the export holds every result of every submission
_WANTED = (":submitters", ":created_at", "submitters", "created_at")


def find(place: Place) -> Finding | None:
    """None where there is no metadata file; UsageError where it cannot be read."""
    if METADATA not in {child.name for child in place.children}:
        return None
    data = read_small(place.folder, METADATA, _LIMIT)
    if data is None:
        raise UsageError(f"{place.label}/{METADATA} is no plain file or larger than 256 MiB.")
    finding = Finding(used={METADATA})
    for name, entry in _entries(_read_yaml(data, place)):
        if "/" in name or not is_folder(place.folder / name):
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
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Takes Ruby's objects as what they hold; makes no object of any class."""

    Loader.add_multi_constructor("", _plain)
    text = data.decode("utf-8", "replace")
    for candidate in (_only_wanted(text), text):
        try:
            return yaml.load(candidate, Loader)
        except (yaml.YAMLError, ValueError, RecursionError) as err:
            problem = err
    line = getattr(getattr(problem, "problem_mark", None), "line", None)
    where = "" if line is None else f" in line {line + 1}"
    raise UsageError(
        f"{place.label}/{METADATA} is no YAML{where}.", hint="Export the submissions again."
    ) from problem


def _plain(loader: Any, _tag: str, node: Any) -> Any:
    import yaml

    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


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
        if isinstance(name, str):
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
        texts = {kind: str(value).strip() for kind, value in named.items() if value is not None}
        found.append({kind: text for kind, text in texts.items() if text})
    return [identities for identities in found if identities]


def _time(value: Any) -> datetime | None:
    if isinstance(value, dict):  # a Rails time: {utc, zone, time}
        value = value.get("utc")
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
