"""Gradescope's autograder zip of one homework: setup.sh, run_autograder, the grader, the suite.

The solution is not in it. Names of a homework go into the scripts as they are: the manifest allows
letters, digits, - and _ only.
"""

from __future__ import annotations

from importlib import resources

from grader.course.manifest import Assignment
from grader.course.suite import extras_of, suite_files
from grader.package.wheel import pinned_versions, wheel, zip_of

_EXECUTABLE = frozenset({"setup.sh", "run_autograder"})


def package(assignment: Assignment) -> bytes:
    """The zip; the same course and grader give the same bytes. UsageError without hidden tests."""
    name, content = wheel()
    needed = extras_of(assignment)
    extras = f"[{','.join(needed)}]" if needed else ""
    files = {
        "setup.sh": _template("setup.sh", WHEEL=name, EXTRAS=extras),
        "run_autograder": _template("run_autograder", HOMEWORK=assignment.id),
        "constraints.txt": pinned_versions(needed).encode(),
        name: content,
    }
    suite = {f"course/{path}": file for path, file in suite_files(assignment).items()}
    files |= {path: file.read_bytes() for path, file in sorted(suite.items())}
    return zip_of(files, _EXECUTABLE)


def _template(name: str, **values: str) -> bytes:
    text = resources.files("grader.package").joinpath("templates", name).read_text("utf-8")
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text.encode()
