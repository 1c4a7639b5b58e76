"""From a path to a class's submissions: which folder they lie in, and which layout it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from grader.discover.layouts import GENERAL, LAYOUTS
from grader.discover.listing import children, hidden, is_file, is_folder
from grader.discover.match import names_of
from grader.discover.model import Child, Discovery, Finding, Found, Place
from grader.discover.roster import Person
from grader.discover.unpack import unpack
from grader.discover.wrappers import SUBMITTED, around_submissions, holds_submissions, within
from grader.errors import UsageError
from grader.text import safe_text

_LINES = 500  # problems told


def discover(
    path: Path, homework: str, module: str, work: Path, people: Sequence[Person] = ()
) -> Discovery:
    """The submissions of `homework` (file MODULE.py or .ipynb) in `path`, a folder or one zip.

    `work` is a folder of the caller's, where a zip is unpacked and what belongs together is put
    together; it is needed as long as what was found. A lone folder that is called like one of
    `people` is theirs and is not gone into. UsageError where nothing can be found.
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
    outer = Place(
        folder=folder,
        label=path.name if path.name not in ("", "..") else path.resolve().name,
        children=children(folder),
        homework=homework,
        module=module,
        work=work,
        has_times=has_times,
    )
    layout, place, finding = _recognise(outer, people)
    lines = [*problems, *finding.problems, *_unused(outer, place, finding)]
    found = sorted(map(_safe, finding.found), key=lambda f: (f.student_key, f.source))
    inside = "" if place is outer else safe_text(place.label, 400)
    return Discovery(layout=layout, found=tuple(found), problems=_told(lines), inside=inside)


def _recognise(place: Place, people: Sequence[Person]) -> tuple[str, Place, Finding]:
    inside = around_submissions(place, names_of(people))
    places = inside if inside and inside[0].folder.name == SUBMITTED else [place, *inside]
    for candidate in places:
        explained = _explained(candidate)
        if explained is not None:
            return explained[0], candidate, explained[1]
    _refuse_a_single_one(place)
    inner = next((p for p in reversed(inside) if holds_submissions(p)), places[0])
    finding = LAYOUTS[GENERAL](inner)
    if finding is None:
        raise UsageError(
            f"There are no submissions in {place.label!r}.",
            hint="A folder, zip, .py or .ipynb for each student is looked for.",
        )
    return GENERAL, inner, finding


def _explained(place: Place) -> tuple[str, Finding] | None:
    """The layout that explains most of a place, of equals the first; None where none does.

    What a platform made has its names throughout, while a student chooses only a part of some: no
    one student's names outweigh it. UsageError where two explain as much, but not the same.
    """
    findings = [
        (name, find(replace(place, work=place.work / name)))  # none overwrites what another copied
        for name, find in LAYOUTS.items()
        if name != GENERAL
    ]
    good = [(name, f) for name, f in findings if f is not None and _is_most(f, place)]
    if not good:
        return None
    best, finding = max(good, key=lambda one: len(one[1].used))
    for name, other in good:
        if len(other.used) == len(finding.used) and other.used != finding.used:
            raise UsageError(
                f"{place.label!r} looks like {best} and like {name}: nothing was graded.",
                hint="Put what two platforms made into a folder each, and grade each.",
            )
    return best, finding


def _is_most(finding: Finding, place: Place) -> bool:
    """Whether a layout explains a place: at least half of what could be a submission."""
    usable = [child for child in place.children if child.kind in ("file", "folder")]
    return 2 * len(finding.used) >= len(usable)


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


def _unused(outer: Place, place: Place, finding: Finding) -> list[str]:
    """A line for everything that lies in `place`, or on the way from `outer` to it, and no more."""
    lines: list[str] = []
    beside: Place | None = outer
    while beside is not None and beside.folder != place.folder:
        onward = place.folder.relative_to(beside.folder).parts[0]
        lines += [_line(child, "beside") for child in beside.children if child.name != onward]
        lines += _hidden(beside)
        beside = within(beside, onward)
    lines += [_line(child, "of") for child in place.children if child.name not in finding.used]
    return lines + _hidden(place)


def _line(child: Child, where: str) -> str:
    kinds = {"of": "no submission of this layout", "beside": "beside the folder of submissions"}
    what = kinds[where] if child.kind in ("file", "folder") else child.kind
    return f"{safe_text(child.name, 120)!r} is {what}: not graded"


def _hidden(place: Place) -> list[str]:
    return [f"{safe_text(name, 120)!r} is hidden: not graded" for name in hidden(place.folder)]


def _told(lines: list[str]) -> tuple[str, ...]:
    told = [safe_text(line, 400) for line in lines[:_LINES]]
    more = len(lines) - len(told)
    return (*told, f"and {more} more problems") if more > 0 else tuple(told)
