"""Clones of GitHub Classroom (`hw3-USER`) and Classroom 50 (`CLASSROOM-hw3-USER`).

The commit and its time are read from each clone; its files are graded as they are checked out.
"""

from __future__ import annotations

from grader.discover.layouts.when import with_time
from grader.discover.listing import is_folder
from grader.discover.model import Child, Finding, Found, Place

NAME = "github"


def find(place: Place) -> Finding | None:
    """None unless most folders are called `hw3-USER`, or are clones whose names begin alike.

    Clones of other names are folders for each student: whoever made those named them.
    """
    folders = [child for child in place.children if child.kind == "folder"]
    names = [child.name for child in folders]
    users = _users(names, place.homework)
    clones = [child for child in folders if is_folder(child.path / ".git")]
    if len(clones) > len(users):
        users = _after_common(names) | users
    if not users or 2 * max(len(clones), len(users)) <= len(folders):
        return None
    finding = Finding()
    for child in folders:
        finding.used.add(child.name)
        found = _found(child, users.get(child.name), place)
        finding.found.append(with_time(found, place, finding))
    return finding


def _found(child: Child, user: str | None, place: Place) -> Found:
    """`user` chose that name at GitHub; it is an id only where the roster calls it the user's."""
    return Found(
        student_key=user or child.name,
        path=child.path,
        layout=NAME,
        source=f"{place.label}/{child.name}",
        identities={"github": user} if user else {"id": child.name},
    )


def _users(names: list[str], homework: str) -> dict[str, str]:
    """The user in each name that says the homework: after it, else (older clones) before it."""
    users: dict[str, str] = {}
    wanted = homework.lower()
    for name in names:
        padded = f"-{name.lower()}"
        at = padded.find(f"-{wanted}-")
        if at >= 0:
            users[name] = name[at + len(wanted) + 1 :]
        elif name.lower().endswith(f"-{wanted}"):
            users[name] = name[: -len(wanted) - 1]
    return {name: user for name, user in users.items() if user}


def _after_common(names: list[str]) -> dict[str, str]:
    """The rest of each name after what all begin with: an assignment of another name."""
    if len(names) < 2:
        return {}
    first, last = min(names), max(names)
    same = next((i for i, char in enumerate(first) if char != last[i : i + 1]), len(first))
    prefix = first[: first.rfind("-", 0, same) + 1]
    return {name: name[len(prefix) :] for name in names if prefix and name != prefix}
