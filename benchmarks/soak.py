"""A long batch of good, wrong and hostile submissions: every score is right, and nothing is left.

Homework 3's reference, correct and wrong solutions and the corpus of attacks, mixed. What each
should score is found first, each by itself as `grader check` does. Then `--submissions` of them
are graded into one SQLite gradebook, and the end is inspected: scores, records, processes, files,
descriptors, memory, and the decoys that attacks aim at.

A test's time is cut to `--wall` seconds, or endless loops would be most of the hours.

Run: python -m benchmarks.soak [--submissions 2000] [--judges 2] [--attacks 1.0] [--wall 2]
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import multiprocessing
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.figures import machine, percentile, quarters
from benchmarks.processes import Meter, adopt_orphans, descriptors, tree
from grader.batch.grading import Event, Tally, grade_class
from grader.batch.local import LocalEngine
from grader.course.bank import correct_solutions, solution_source, wrong_solutions
from grader.course.manifest import Assignment
from grader.discover.model import Found
from grader.gradebook import open_gradebook
from grader.judge.run import Settings, grade
from grader.submission import load_submission
from tests.attacks.lab.corpus import ATTACKS
from tests.attacks.lab.decoys import Decoys

HOMEWORK = "hw3"
ENDS_WITHIN_S = 10.0
MAX_GROWTH = 1.05  # of the memory of main, judges and templates, last quarter to first
SLACK_MB = 16.0  # what one large answer may leave in the heap of each judge


@dataclass(frozen=True, kw_only=True, eq=False)
class Kind:
    """One distinct submission: its `files`, and whether it is "right", "wrong" or an "attack"."""

    name: str
    sort: str
    files: dict[str, str]


@dataclass(frozen=True)
class Expected:
    """What a submission scores, and how each of its tests ends."""

    score: float | None
    statuses: dict[str, str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=2000)
    parser.add_argument("--judges", type=int, default=2)
    parser.add_argument("--attacks", type=float, default=1.0, help="share of the corpus to use")
    parser.add_argument("--wall", type=float, default=2.0, help="seconds for each test")
    parser.add_argument("--seed", type=int, default=0, help="of the mix")
    options = parser.parse_args()
    print(machine(), flush=True)
    adopt_orphans()
    with private_tmp() as folder, contextlib.closing(Decoys(folder / "decoys")) as decoys:
        limits = replace(decoys.assignment.limits, wall_s=options.wall)
        decoys.assignment = replace(decoys.assignment, limits=limits)
        draw = random.Random(options.seed)
        found = kinds(decoys)
        attacks = [kind for kind in found if kind.sort == "attack"]
        dropped = set(draw.sample(attacks, round((1 - options.attacks) * len(attacks))))
        found = [kind for kind in found if kind not in dropped]
        complaints = soak(found, decoys, options.submissions, options.judges, draw, folder)
    for complaint in complaints:
        print(f"WRONG: {complaint}")
    print("every check holds" if not complaints else f"{len(complaints)} checks failed")
    return 1 if complaints else 0


@contextlib.contextmanager
def private_tmp() -> Iterator[Path]:
    """A new folder that is also everyone's temporary folder below here, so leftovers are ours."""
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        (folder / "tmp").mkdir(mode=0o777)
        (folder / "tmp").chmod(0o1777)
        before = os.environ.get("TMPDIR")
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder / "tmp")
        try:
            yield folder
        finally:
            tempfile.tempdir = None
            os.environ.pop("TMPDIR")
            if before is not None:
                os.environ["TMPDIR"] = before


def kinds(decoys: Decoys) -> list[Kind]:
    """Every distinct submission; the attacks aim at `decoys`."""
    assignment = decoys.assignment
    file = f"{HOMEWORK}.py"
    found = [Kind(name="reference", sort="right", files={file: solution_source(assignment)})]
    for right in correct_solutions(assignment):
        found.append(Kind(name=f"correct-{right.name}", sort="right", files={file: right.source}))
    for wrong in wrong_solutions(assignment):
        found.append(Kind(name=f"wrong-{wrong.name}", sort="wrong", files={file: wrong.source}))
    for attack in ATTACKS:
        files = attack.submission(decoys.places())
        found.append(Kind(name=f"attack-{attack.name}", sort="attack", files=files))
    return found


def soak(
    found: list[Kind], decoys: Decoys, count: int, judges: int, draw: random.Random, folder: Path
) -> list[str]:
    """Grade `count` of the kinds and say what is not as it should be."""
    settings = Settings(assignment=decoys.assignment, reuse_workers=True, require_isolation=3)
    planted = decoys.state()
    plan = chosen(found, count, draw)
    some = list(dict.fromkeys(plan))
    started = time.monotonic()
    expected = expectations(some, decoys.assignment, judges, folder / "alone")
    tell(f"{len(some)} distinct sources graded alone in {time.monotonic() - started:.0f} s")
    hand_ins = [
        Found(
            student_key=f"s{number:05d}-{kind.name}",
            path=write(kind, folder / "class" / f"s{number:05d}", f"\n# student {number}\n"),
            layout="folders",
            source=kind.name,
        )
        for number, kind in enumerate(plan)
    ]
    gc.collect()
    before, files = descriptors(), snapshot(folder / "tmp")
    took: dict[str, list[float]] = {}

    def again(kind: Kind) -> Expected:
        return expectations([kind], decoys.assignment, 1, Path(tempfile.mkdtemp()))[kind.name]

    def on_event(event: Event, tally: Tally) -> None:
        took.setdefault(event.student.partition("-")[2], []).append(event.duration_s)
        if tally.done % 100 == 0:
            tell(f"{tally.done}/{tally.total}, {tally.rate:.1f}/s, {dict(tally.counts)}")

    meter = Meter(interval_s=0.25)
    engine = LocalEngine(settings, judges=judges)
    started = time.monotonic()
    try:
        with open_gradebook(str(folder / "grades.db")) as book:
            tally = grade_class(settings, hand_ins, book, engine, "soak", on_event)
    finally:
        engine.close()
    seconds = time.monotonic() - started
    samples = meter.stop()
    summary(plan, seconds, took, samples)
    return [
        *leaks(before, files, folder / "tmp"),
        *growth(samples),
        *wrong_scores(folder / "grades.db", plan, expected, tally, again),
        *sound_expectations(some, expected, decoys.assignment),
        *(
            f"{what}: {value!r} became {now!r}"
            for (what, value), now in zip(planted.items(), decoys.state().values(), strict=True)
            if value != now
        ),
    ]


def chosen(found: list[Kind], count: int, draw: random.Random) -> list[Kind]:
    """Each kind as often as the next, in a random order."""
    plan: list[Kind] = []
    while len(plan) < count:
        plan += draw.sample(found, len(found))
    return plan[:count]


def write(kind: Kind, folder: Path, ending: str = "") -> Path:
    """The hand-in of `kind`: a file where it is one, else the folder."""
    folder.mkdir(parents=True)
    for name, text in kind.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + ending * (name == f"{HOMEWORK}.py"), encoding="utf-8")
    return folder if len(kind.files) > 1 else folder / f"{HOMEWORK}.py"


def expectations(
    some: list[Kind], assignment: Assignment, processes: int, folder: Path
) -> dict[str, Expected]:
    """Each graded alone in fresh workers, as `grader check` grades it."""
    paths = [write(kind, folder / kind.name) for kind in some]
    with ProcessPoolExecutor(processes, multiprocessing.get_context("fork")) as pool:
        graded = pool.map(alone, [assignment] * len(some), paths)
        return dict(zip((kind.name for kind in some), graded, strict=True))


def alone(assignment: Assignment, path: Path) -> Expected:
    """One submission by a new template and a fresh worker for each test."""
    settings = Settings(assignment=assignment, require_isolation=3)
    report = grade(settings, load_submission(path, assignment.module))
    score = None if report.score is None else float(report.score)
    return Expected(score, {test.id: test.status.value for test in report.tests})


def sound_expectations(
    some: list[Kind], expected: dict[str, Expected], assignment: Assignment
) -> list[str]:
    """Right ones earn everything, wrong ones less, attacks no more than their honest part."""
    full = float(sum(test.max_score for problem in assignment.problems for test in problem.tests))
    complaints = []
    for kind in some:
        score = expected[kind.name].score
        if score is None or (kind.sort == "right") != (score == full):
            complaints.append(f"{kind.name} scores {score} of {full} alone")
        elif kind.sort == "attack" and score > 6:  # the stub: the two tests of problem 3.2
            complaints.append(f"{kind.name} gains points: {score}")
    return complaints


def wrong_scores(
    book: Path,
    plan: list[Kind],
    expected: dict[str, Expected],
    tally: Tally,
    again: Callable[[Kind], Expected],
) -> list[str]:
    """Every submission once in the gradebook, with the score and the statuses it should have."""
    complaints = []
    if tally.counts["error"] or tally.done != len(plan):
        complaints.append(f"of {len(plan)} submissions: {dict(tally.counts)}")
    with open_gradebook(str(book)) as opened:
        attempts = {attempt.student: attempt for attempt in opened.attempts(HOMEWORK)}
        if len(attempts) != len(plan):
            complaints.append(f"{len(attempts)} records of {len(plan)} submissions")
        for number, kind in enumerate(plan):
            student, want = f"s{number:05d}-{kind.name}", expected[kind.name]
            if student not in attempts:
                complaints.append(f"{student} has no record")
                continue
            score = attempts[student].score
            if score is None or want.score is None or float(score) != want.score:
                report = opened.report(attempts[student].id) or {"problems": []}
                lines = [
                    f"  {test['id']}: {test['status']}, alone {want.statuses[test['id']]}"
                    for test in (test for p in report["problems"] for test in p["tests"])
                    if test["status"] != want.statuses[test["id"]]
                ]
                # one that fills memory or processors may end on either side of its time limit
                timed = kind.sort == "attack" and "timeout" in " ".join(lines)
                if timed and score is not None and again(kind).score == float(score):
                    tell(f"{student} hangs on the clock: {score}, and alone {want.score}, then so")
                else:
                    complaints += [f"{student} scored {score}, alone {want.score}", *lines]
    with contextlib.closing(sqlite3.connect(book)) as connection:
        state = connection.execute("pragma integrity_check").fetchone()[0]
    return complaints if state == "ok" else [*complaints, f"the gradebook: {state}"]


def leaks(before: dict[str, int], files: set[str], tmp: Path) -> list[str]:
    """Processes, descriptors and files that outlive the batch by more than a moment."""
    own = os.getpid()
    deadline = time.monotonic() + ENDS_WITHIN_S
    decoy = {"sleep"}
    while time.monotonic() < deadline:
        multiprocessing.active_children()  # buries the dead
        left = [p for p in tree(own) if p.pid != own and name_of(p.pid) not in decoy]
        if not left:
            break
        time.sleep(0.1)
    complaints = [f"process {p.pid} ({name_of(p.pid)}, {p.role}, {p.state}) is left" for p in left]
    gc.collect()
    now = descriptors()
    complaints += [
        f"descriptors of {kind}: {before.get(kind, 0)} became {now.get(kind, 0)}"
        for kind in sorted(before | now)
        if now.get(kind, 0) > before.get(kind, 0)
    ]
    return complaints + [f"file {path} is left" for path in sorted(snapshot(tmp) - files)]


def name_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return "gone"


def snapshot(folder: Path) -> set[str]:
    """All that is in the temporary folder, in shared memory, and message queues of System V."""
    found = {str(path) for path in folder.rglob("*")}
    found |= {f"/dev/shm/{name}" for name in os.listdir("/dev/shm")}
    for kind in ("shm", "msg", "sem"):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]
            found |= {f"{kind} {line.split()[1]}" for line in lines}
    return found


def growth(samples: list[dict[str, float]]) -> list[str]:
    """Whether main, judges and templates grew from the first quarter to the last."""
    complaints = []
    for role in ("main", "judges", "templates"):
        early, late = quarters([(s["at"], s[role]) for s in samples if s["templates"]])
        tell(f"memory of {role}: {early:.0f} MB in the first quarter, {late:.0f} MB in the last")
        if late > early * MAX_GROWTH + SLACK_MB:
            complaints.append(f"{role} grew from {early:.0f} MB to {late:.0f} MB")
    return complaints


def summary(
    plan: list[Kind], seconds: float, took: dict[str, list[float]], samples: list[dict[str, float]]
) -> None:
    sorts = Counter(kind.sort for kind in plan)
    every = [second for seconds_of in took.values() for second in seconds_of]
    tell(f"{len(plan)} submissions ({dict(sorts)}) in {seconds:.0f} s: {len(plan) / seconds:.2f}/s")
    tell(f"latency p50 {percentile(every, 0.5):.2f} s, p95 {percentile(every, 0.95):.2f} s")
    tell(f"peak memory {max(s['rss'] for s in samples):.0f} MB (RSS summed)")
    slow = sorted(took, key=lambda name: -max(took[name]))[:5]
    tell("slowest: " + ", ".join(f"{name} {max(took[name]):.1f} s" for name in slow))


def tell(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
