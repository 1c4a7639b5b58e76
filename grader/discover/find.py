"""From a path to a class's submissions: which folder they lie in, and which layout it has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from grader.discover.layouts import GENERAL, LAYOUTS
from grader.discover.listing import children, is_file, is_folder
from grader.discover.model import Child, Discovery, Finding, Found, Place
from grader.discover.unpack import unpack
from grader.errors import UsageError
from grader.text import safe_text

_WRAPPERS = 4  # folders around the one that holds the submissions
_SUBMITTED = "submitted"  # beside what a course hands out, the folder of what came in
_LINES = 500  # problems told


def discover(path: Path, homework: str, module: str, work: Path) -> Discovery:
    """The submissions of `homework` (file MODULE.py or .ipynb) in `path`, a folder or one zip.

    `work` is a folder of the caller's, where a zip is unpacked and what belongs together is put
    together; it is needed as long as what was found. UsageError where nothing can be found.
    """
    path = Path(path)
    if is_file(path) and path.suffix.lower() == ".zip":
        folder, problems = unpack(path, work)
    elif is_folder(path) or (path.is_symlink() and path.is_dir()):  # the caller's link is trusted
        folder, problems = path.resolve(), []
    else:
        raise UsageError(
            f"There are no submissions at {str(path)!r}.",
            hint="Give the folder, or the zip, that a platform made of all submissions.",
        )
    has_times = not is_file(path)
    place = Place(
        folder=folder,
        label=path.name if path.name not in ("", "..") else path.resolve().name,
        children=children(folder),
        homework=homework,
        module=module,
        work=work,
        has_times=has_times,
    )
    layout, place, finding = _recognise(place)
    lines = [*problems, *finding.problems, *_unused(place, finding), *_twice(finding.found)]
    found = sorted(map(_safe, finding.found), key=lambda f: (f.student_key, f.source))
    return Discovery(layout=layout, found=tuple(found), problems=_told(lines))


def _recognise(place: Place) -> tuple[str, Place, Finding]:
    inside = _inside(place)
    places = inside if inside and inside[0].folder.name == _SUBMITTED else [place, *inside]
    for candidate in places:
        for name, find in LAYOUTS.items():
            finding = find(candidate) if name != GENERAL else None
            if finding is not None and _is_most(finding, candidate):
                return name, candidate, finding
    _refuse_a_single_one(place)
    inner = next((p for p in reversed(inside) if _holds_submissions_only(p)), places[0])
    finding = LAYOUTS[GENERAL](inner)
    if finding is None:
        raise UsageError(
            f"There are no submissions in {place.label!r}.",
            hint="A folder, zip, .py or .ipynb for each student is looked for.",
        )
    return GENERAL, inner, finding


def _is_most(finding: Finding, place: Place) -> bool:
    """Whether a layout explains a place: at least half of what could be a submission."""
    usable = [child for child in place.children if child.kind in ("file", "folder")]
    return 2 * len(finding.used) >= len(usable)


def _inside(place: Place) -> list[Place]:
    """The folders that may hold the submissions: "submitted", or the only one in the one before."""
    inside: list[Place] = []
    for _ in range(_WRAPPERS):
        folders = [child for child in place.children if child.kind == "folder"]
        named = [child for child in folders if child.name == _SUBMITTED] or folders
        if len(named) != 1:
            break
        (only,) = named
        label = f"{place.label}/{only.name}"
        place = replace(place, folder=only.path, label=label, children=children(only.path))
        inside.append(place)
    return inside


def _holds_submissions_only(place: Place) -> bool:
    """Whether a lone folder is no submission itself: two or more folders or zips, no source."""
    several = [c for c in place.children if c.kind == "folder" or c.suffix == ".zip"]
    return len(several) > 1 and not any(c.suffix in (".py", ".ipynb") for c in place.children)


def _is_source(child: Child, module: str) -> bool:
    named = child.path.stem.lower() == module.lower()
    return named and child.kind == "file" and child.suffix in (".py", ".ipynb")


def _refuse_a_single_one(place: Place) -> None:
    if any(_is_source(child, place.module) for child in place.children):
        raise UsageError(
            f"{place.label!r} is one submission, not a folder of submissions.",
            hint=f"Grade it with: grader check {place.homework} PATH",
        )


def _safe(found: Found) -> Found:
    """The same with names that can be shown and stored: file names may hold any bytes."""
    key = safe_text(found.student_key.strip() or "?", 200)
    return replace(found, student_key=key, source=safe_text(found.source, 1000))


def _unused(place: Place, finding: Finding) -> list[str]:
    return [
        f"{safe_text(child.name, 120)!r} is {_what(child)}: not graded"
        for child in place.children
        if child.name not in finding.used
    ]


def _what(child: Child) -> str:
    return "no submission of this layout" if child.kind in ("file", "folder") else child.kind


def _twice(found: list[Found]) -> list[str]:
    sources: dict[str, list[str]] = {}
    for one in found:
        sources.setdefault(one.student_key, []).append(one.source)
    return [
        f"{safe_text(key, 80)!r} has {len(several)} submissions: "
        + ", ".join(safe_text(source, 120) for source in several[:5])
        for key, several in sources.items()
        if len(several) > 1
    ]


def _told(lines: list[str]) -> tuple[str, ...]:
    told = [safe_text(line, 400) for line in lines[:_LINES]]
    more = len(lines) - len(told)
    return (*told, f"and {more} more problems") if more > 0 else tuple(told)
