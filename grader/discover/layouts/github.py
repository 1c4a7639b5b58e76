"""Clones of GitHub Classroom (`hw3-USER`) and Classroom 50 (`CLASSROOM-hw3-USER`).

The commit and its time are read from each clone; its files are graded as they are checked out.
"""

from __future__ import annotations

from grader.discover.commit import head_commit
from grader.discover.listing import is_folder, newest_time
from grader.discover.model import FILE_TIME, Child, Finding, Found, Place

NAME = "github"


def find(place: Place) -> Finding | None:
    """None unless most folders are clones or called `hw3-USER`."""
    folders = [child for child in place.children if child.kind == "folder"]
    users = _users([child.name for child in folders], place.homework)
    clones = [child for child in folders if is_folder(child.path / ".git")]
    if not folders or 2 * max(len(clones), len(users)) <= len(folders):
        return None
    if len(clones) > len(users):
        users = _after_common([child.name for child in folders]) | users
    finding = Finding()
    for child in folders:
        if child.name in users or child in clones:
            finding.used.add(child.name)
            finding.found.append(_found(child, users.get(child.name, child.name), place))
            if child in clones and finding.found[-1].commit is None:
                finding.problems.append(f"the commit of {child.name!r} cannot be read")
    return finding


def _found(child: Child, user: str, place: Place) -> Found:
    commit = head_commit(child.path)
    at, time_from = (commit.at, "commit") if commit and commit.at else (None, "")
    if at is None and place.has_times:
        at = newest_time(child.path)
        time_from = FILE_TIME if at else ""
    return Found(
        student_key=user,
        path=child.path,
        layout=NAME,
        source=f"{place.label}/{child.name}",
        identities={"github": user, "id": user},
        submitted_at=at,
        time_from=time_from,
        commit=commit.sha if commit else None,
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
