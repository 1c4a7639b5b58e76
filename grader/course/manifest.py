"""A course and its homeworks, read from `course.toml` and `assignment.toml`.

Frozen data only: nothing here imports a homework's code or runs its tests.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass, field, fields
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from grader.errors import CourseError, UsageError

COURSE_FILE = "course.toml"
DEFAULT_TITLE = "Homeworks"
ASSIGNMENT_FILE = "assignment.toml"
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_HOMEWORK_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,40}\Z")
_PRELOADABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*\Z")
VISIBILITIES = ("public", "hidden")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one test may use; wall time covers all calls of the test together."""

    wall_s: float = 10.0
    cpu_s: float = 10.0
    memory_mb: int = 1024
    gpu_memory_mb: int = 4096
    output_kb: int = 64
    scratch_mb: int = 16
    processes: int = 0


@dataclass(frozen=True, kw_only=True)
class TestEntry:
    """One test of a homework as the manifest names it."""

    __test__ = False  # not a test class, whatever pytest makes of the name

    name: str
    problem: str
    visibility: str
    max_score: Decimal


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One problem: what students write for it and the tests that give its points."""

    id: str
    title: str
    exports: tuple[str, ...]
    tests: tuple[TestEntry, ...]

    @property
    def max_score(self) -> Decimal:
        return sum((test.max_score for test in self.tests), Decimal(0))

    @property
    def is_quiz(self) -> bool:
        """Whether its answers stand in `quiz_answers`, so that quiz.toml says their form."""
        return "quiz_answers" in self.exports


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """One homework: its manifest and where its parts lie.

    `folder` is what students have; `reference` is the instructor's part or None where it is absent.
    `course_seed` is 0 where the course has none. `data` names the data sets to be fetched that the
    tests use where they are.
    """

    id: str
    title: str
    module: str
    needs: tuple[str, ...]
    time_budget_s: float
    limits: Limits
    problems: tuple[Problem, ...]
    folder: Path
    reference: Path | None
    course_seed: int
    data: tuple[str, ...] = ()
    quiz_file: Path | None = None
    key_file: Path | None = None

    @property
    def tests(self) -> tuple[TestEntry, ...]:
        return tuple(test for problem in self.problems for test in problem.tests)

    @property
    def max_score(self) -> Decimal:
        return sum((problem.max_score for problem in self.problems), Decimal(0))

    @property
    def exports(self) -> frozenset[str]:
        """The names that students are asked to define."""
        return frozenset(name for problem in self.problems for name in problem.exports)

    def test_files(self, visibility: str) -> tuple[Path, ...]:
        """The pytest files of one visibility, sorted; empty where they are not in this checkout."""
        root = self.folder if visibility == "public" else self.reference
        return tuple(sorted((root / "tests").glob("test_*.py"))) if root else ()


@dataclass(frozen=True, kw_only=True)
class Course:
    """A folder with `assignments/` (public) and, for instructors, `reference/` (private)."""

    root: Path
    title: str
    seed: int
    assignments: tuple[str, ...]
    _cache: dict[str, Assignment] = field(default_factory=dict, repr=False, compare=False)

    def assignment(self, homework: str) -> Assignment:
        """The homework `homework`, or a UsageError that names those there are."""
        if homework not in self.assignments:
            raise UsageError(
                f"This course has no homework {homework!r}.", hint=self._hint(homework)
            )
        if homework not in self._cache:
            self._cache[homework] = load_assignment(self.root, homework, self.seed)
        return self._cache[homework]

    def _hint(self, name: str) -> str:
        """What was meant by a name that is no homework's: a file, another case, a slip."""
        file = Path(name)
        stem = file.stem.casefold()
        meant = [homework for homework in self.assignments if homework.casefold() == stem]
        if "/" in name or file.suffix.lower() in (".py", ".ipynb", ".zip"):
            return f"Name the homework first, then the file: {(meant or ['HOMEWORK'])[0]} {name}"
        meant += difflib.get_close_matches(stem, self.assignments, n=1, cutoff=0.8)
        words = f"Did you mean {meant[0]!r}? " if meant else ""
        return (
            f"{words}It has: {', '.join(self.assignments) or 'none'}. "
            "Another course is named with --course DIR."
        )


def find_course(folder: Path | None = None, start: Path | None = None) -> Course:
    """The course in `folder`, else the nearest one above `start` (default: here), else our own.

    Our own is the course that lies beside the installed package, as in a checkout of it.
    """
    if folder is not None:
        if not folder.is_dir():
            raise UsageError(f"There is no folder {str(folder)!r} to take the course from.")
        return load_course(folder)
    here = (start or Path.cwd()).resolve()
    beside_package = Path(__file__).resolve().parents[2]
    for candidate in (here, *here.parents, beside_package):
        if (candidate / COURSE_FILE).is_file() or _has_assignments(candidate):
            return load_course(candidate)
    raise UsageError(
        f"No course was found in {str(here)!r} or in a folder above it.",
        hint="Run the command inside a course, or name one with --course DIR.",
    )


def _has_assignments(folder: Path) -> bool:
    return any((folder / "assignments").glob(f"*/{ASSIGNMENT_FILE}"))


def load_course(root: Path) -> Course:
    """Read the course at `root`; `course.toml` is optional and may set `title` and `seed`."""
    root = root.resolve()
    path = root / COURSE_FILE
    table = _read_toml(path) if path.is_file() else {}
    seed = table.get("seed", 0)
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**63:
        raise CourseError(f"{path}: `seed` must be a whole number from 0 to 2^63 - 1.")
    names = sorted(p.parent.name for p in (root / "assignments").glob(f"*/{ASSIGNMENT_FILE}"))
    if not names:
        raise CourseError(
            f"The course in {str(root)!r} has no homework.",
            hint=f"A homework is a folder assignments/NAME with a file {ASSIGNMENT_FILE}.",
        )
    return Course(
        root=root,
        title=str(table.get("title", DEFAULT_TITLE)),
        seed=seed,
        assignments=tuple(names),
    )


def load_assignment(root: Path, homework: str, seed: int = 0) -> Assignment:
    """Read and check `assignments/HOMEWORK/assignment.toml`; CourseError says what is wrong."""
    folder = root / "assignments" / homework
    path = folder / ASSIGNMENT_FILE
    table = _read_toml(path)
    reader = _Reader(path, table)
    reader.known({"id", "title", "module", "needs", "time_budget_s", "limits", "problem", "data"})
    if reader.text("id") != homework or not _HOMEWORK_ID.match(homework):
        raise CourseError(f"{path}: `id` must be the name of its folder, {homework!r}.")
    module = reader.text("module")
    if not _IDENTIFIER.match(module):
        raise CourseError(f"{path}: `module` must be a Python name, not {module!r}.")
    needs = reader.strings("needs")
    for name in needs:
        if not _PRELOADABLE.match(name):
            raise CourseError(f"{path}: `needs` holds {name!r}, which is no module name.")
    reference = root / "reference" / homework
    problems = tuple(_problem(path, entry) for entry in table.get("problem", []))
    _check_unique(path, problems)
    quiz, key = folder / "quiz.toml", reference / "quiz_key.toml"
    return Assignment(
        id=homework,
        title=reader.text("title"),
        module=module,
        needs=needs,
        time_budget_s=reader.positive("time_budget_s", 10.0),
        limits=_limits(path, table.get("limits", {})),
        problems=problems,
        folder=folder,
        reference=reference if reference.is_dir() else None,
        course_seed=seed,
        data=reader.strings("data"),
        quiz_file=quiz if quiz.is_file() else None,
        key_file=key if key.is_file() else None,
    )


def _problem(path: Path, table: dict[str, Any]) -> Problem:
    reader = _Reader(path, table)
    reader.known({"id", "title", "exports", *VISIBILITIES})
    identifier = reader.text("id")
    tests = tuple(
        TestEntry(
            name=name,
            problem=identifier,
            visibility=visibility,
            max_score=_points(path, name, value),
        )
        for visibility in VISIBILITIES
        for name, value in table.get(visibility, {}).items()
    )
    if not tests:
        raise CourseError(f"{path}: problem {identifier} has no test.")
    return Problem(
        id=identifier,
        title=reader.text("title"),
        exports=reader.strings("exports"),
        tests=tests,
    )


def _points(path: Path, name: str, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise CourseError(f"{path}: the points of {name} must be a number, not {value!r}.")
    try:
        points = Decimal(str(value))
    except InvalidOperation as err:
        raise CourseError(f"{path}: the points of {name} must be a number.") from err
    if not points.is_finite() or points < 0 or points != round(points, 2):
        raise CourseError(f"{path}: the points of {name} must be at least 0, to two decimals.")
    if not name.startswith("test_") or not _IDENTIFIER.match(name):
        raise CourseError(f"{path}: {name!r} is no test's name (test_...).")
    return points


def _check_unique(path: Path, problems: tuple[Problem, ...]) -> None:
    if not problems:
        raise CourseError(f"{path}: a homework needs at least one [[problem]].")
    for what, names in (
        ("problem", [problem.id for problem in problems]),
        ("test", [test.name for problem in problems for test in problem.tests]),
    ):
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise CourseError(f"{path}: {what} {min(twice)} is named twice.")


def _limits(path: Path, table: dict[str, Any]) -> Limits:
    known = {spec.name: spec.default for spec in fields(Limits)}
    for name, value in table.items():
        if name not in known:
            raise CourseError(f"{path}: [limits] has no {name!r}; it has {', '.join(known)}.")
        whole = isinstance(known[name], int)
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            raise CourseError(f"{path}: the limit {name} must be a number.")
        if value < 0 or (value == 0 and name != "processes"):
            raise CourseError(f"{path}: the limit {name} must be above 0.")
    return Limits(**table)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as err:
        raise CourseError(f"{path} cannot be read: {err}") from err
    except tomllib.TOMLDecodeError as err:
        raise CourseError(f"{path} is not valid TOML: {err}") from err


@dataclass(frozen=True)
class _Reader:
    """Takes typed values out of a TOML table; an error names the file and the key."""

    path: Path
    table: dict[str, Any]

    def known(self, keys: set[str]) -> None:
        for key in self.table:
            if key not in keys:
                raise CourseError(f"{self.path}: unknown key {key!r}; known: {sorted(keys)}.")

    def text(self, key: str) -> str:
        value = self.table.get(key)
        if not isinstance(value, str) or not value:
            raise CourseError(f"{self.path}: `{key}` must be a text.")
        return value

    def strings(self, key: str) -> tuple[str, ...]:
        value = self.table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise CourseError(f"{self.path}: `{key}` must be a list of texts.")
        return tuple(value)

    def positive(self, key: str, default: float) -> float:
        value = self.table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
            raise CourseError(f"{self.path}: `{key}` must be a number above 0.")
        return float(value)
