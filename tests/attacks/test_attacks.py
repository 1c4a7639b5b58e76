"""Each attack of the corpus gains no point, leaks nothing and hurts nothing, at levels 3 and 2.

That the attacks are real is shown too: with the sandbox's layers off, or with tests and submission
in one process as other graders have them, most of them succeed.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.judge.fixtures import Context
from grader.render.terminal import render_report
from grader.report.model import Report, Status
from grader.report.serialise import to_dict, validate
from tests.attacks.lab.bench import CONFIGURATIONS, Bench, Job, Outcome
from tests.attacks.lab.corpus import ATTACKS, CATEGORIES, STUB, TOY, Attack
from tests.attacks.lab.decoys import Decoys
from tests.attacks.lab.naive_grader import NaiveGrader

PEAK_MB = 700  # the largest answer, its header as Python objects, and copies of both
SLACK_S = 2.0  # per test, beyond its wall-clock limit, on a busy machine
HONEST = {"test_toy_graph_at_two_and_one": 2, "test_toy_graph_anywhere": 4}
HONEST_NAIVE = 2
NEVER_S, ENDS_S = 1.5, 30.0  # how long the naive grader is waited for

pytestmark = pytest.mark.slow

SHOWN = {
    where: [
        attack
        for attack in ATTACKS
        if attack.shown and attack.shown[0] == where
        if os.geteuid() == 0 or not attack.shown_as_root
    ]
    for where in ("unconfined", "naive")
}


@pytest.fixture(scope="module")
def naive() -> Iterator[NaiveGrader]:
    grader = NaiveGrader()
    yield grader
    grader.close()


@pytest.fixture(scope="module")
def outcomes(
    decoys: Decoys, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], Outcome]:
    """The attacks of this run by configuration and name, each graded where it is asked for.

    One warm backend a configuration takes them all: what one breaks, the others show.
    """
    wanted: dict[str, dict[str, Attack]] = {name: {} for name in CONFIGURATIONS}
    for item in request.session.items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        if {"configuration", "attack"} <= set(parameters) and item.path == request.path:
            wanted[parameters["configuration"]][parameters["attack"].name] = parameters["attack"]
    whole = len(request.session.items) > len(ATTACKS)
    found = {}
    for configuration, attacks in wanted.items():
        if not attacks and not whole:
            continue
        with contextlib.closing(Bench(decoys.assignment, configuration)) as bench:
            if not bench.possible:
                continue
            stub = tmp_path_factory.mktemp("honest") / "hw3.py"
            stub.write_text(STUB, encoding="utf-8")
            honest = bench.grade([Job("honest", stub, None)], 5.0, decoys)
            found[configuration, "honest"] = honest["honest"]
            for wall_s in {attack.wall_s for attack in attacks.values()}:
                some = [attack for attack in attacks.values() if attack.wall_s == wall_s]
                tests = TOY[:1] if configuration == "unconfined" else None
                written = (
                    Job(a.name, hand_in(a, tmp_path_factory.mktemp("a"), decoys), tests or a.tests)
                    for a in some
                )
                graded = bench.grade(written, wall_s, decoys)
                found |= {(configuration, name): outcome for name, outcome in graded.items()}
    return found


def hand_in(attack: Attack, folder: Path, decoys: Decoys) -> Path:
    """The submission of `attack` in `folder`, as a student would hand it in."""
    for name, text in attack.submission(decoys.places()).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder if attack.files else folder / "hw3.py"


def each(attacks: list[Attack]) -> Any:
    return pytest.mark.parametrize("attack", attacks, ids=lambda attack: attack.name)


# With the sandbox


@pytest.mark.parametrize("configuration", ["isolated", "confined"])
@each(list(ATTACKS))
def test_attack_gains_nothing_leaks_nothing_and_hurts_nothing(
    attack: Attack, configuration: str, outcomes: Any, decoys: Decoys
) -> None:
    assert_harmless(attack, configuration, outcome_of(outcomes, configuration, attack), decoys)


@pytest.mark.parametrize("configuration", ["reused"])
@each([attack for attack in ATTACKS if attack.category in ("verdict", "text")])
def test_attack_fails_where_a_worker_serves_several_tests(
    attack: Attack, configuration: str, outcomes: Any, decoys: Decoys
) -> None:
    """As a batch grades: what fails is repeated in a fresh worker."""
    assert_harmless(attack, configuration, outcome_of(outcomes, configuration, attack), decoys)


def outcome_of(outcomes: Any, configuration: str, attack: Attack) -> Outcome:
    if (configuration, "honest") not in outcomes:
        pytest.skip(f"this machine cannot give level {CONFIGURATIONS[configuration][0]}")
    outcome: Outcome = outcomes[configuration, attack.name]
    return outcome


def assert_harmless(attack: Attack, configuration: str, outcome: Outcome, decoys: Decoys) -> None:
    """No point, no leak, no harm, and a status of the student's own."""
    report = outcome.report
    if attack.category in ("ends", "text"):
        validate(to_dict(report))
    assert report.isolation["level"] == CONFIGURATIONS[configuration][0]
    assert report.score is not None
    assert Status.ERROR not in {test.status for test in report.tests}
    assert report.score <= sum(HONEST.get(test.id, 0) for test in report.tests)
    first = outcome.test(attack.tests[0])
    assert first.status in attack.expects, first
    assert_stopped(attack, configuration, outcome)
    assert_no_leak(attack, outcome, decoys)
    assert_shown_safely(report)
    assert outcome.changed == {}
    assert outcome.left_over == ()
    assert outcome.peak_mb < PEAK_MB
    run = [test for test in report.tests if test.status is not Status.NOT_RUN]
    assert all(test.duration_s < attack.wall_s + SLACK_S for test in run)
    assert outcome.seconds < (len(run) + 1) * (attack.wall_s + SLACK_S)


def assert_stopped(attack: Attack, configuration: str, outcome: Outcome) -> None:
    """It was tried, and stopped, but where it is known to be let through."""
    if configuration in attack.open_at:
        return
    assert "[won]" not in outcome.output
    first = outcome.test(attack.tests[0])
    if attack.attempts and first.visibility == "public" and first.status is Status.PASSED:
        assert "[stopped]" in first.output


def assert_no_leak(attack: Attack, outcome: Outcome, decoys: Decoys) -> None:
    """Nothing secret is in the report: the decoys' token, hidden code, hidden inputs."""
    shown = "\n".join(strings(outcome.report))
    assert decoys.token not in outcome.text
    assert decoys.token not in shown
    own = attack.source + "".join(attack.files.values())
    assert not [line for line in hidden_lines(decoys) if line in shown and line not in own]
    digits = re.sub(r"\D", "", shown)
    for number in hidden_inputs(decoys):
        assert f"{number:.12f}".replace(".", "")[:8] not in digits


def strings(report: Report) -> list[str]:
    """What of the tests is shown to a student, without escapes of JSON."""
    found = list(report.notes)
    for test in report.tests:
        found.append(test.output)
        if test.feedback is not None:
            found += [str(part) for part in vars(test.feedback).values() if part is not None]
    return found


@functools.cache
def code_lines(folder: Path) -> frozenset[str]:
    """Lines of code in a folder that say something."""
    lines = {line.strip() for file in folder.glob("*.py") for line in file.read_text().splitlines()}
    return frozenset(line for line in lines if len(line) > 25 and '"' not in line and "(" in line)


def hidden_lines(decoys: Decoys) -> frozenset[str]:
    """Lines of the hidden tests and of the solution."""
    hidden = code_lines(decoys.hidden) | code_lines(decoys.hidden.parent)
    return hidden - code_lines(decoys.assignment.folder / "tests")


def hidden_inputs(decoys: Decoys) -> list[float]:
    """The two numbers that the hidden test of the toy graph is called with."""
    context = Context(
        assignment=decoys.assignment, seed=0, test="test_toy_graph_anywhere", hidden=True
    )
    rng = np.random.default_rng(context.test_seed())
    return [float(number) for number in rng.uniform(1, 3, size=2)]


def assert_shown_safely(report: Report) -> None:
    """On a terminal and in a log nothing of the submission is obeyed."""
    plain = render_report(report, color=False, width=100, encoding="utf-8")
    coloured = render_report(report, color=True, width=100, encoding="utf-8")
    for text in (plain, re.sub(r"\x1b\[[\d;]*m", "", coloured)):
        kinds = {c: unicodedata.category(c) for c in set(text)}
        assert not [c for c, kind in kinds.items() if kind[0] == "C" and c != "\n"]
        assert not [c for c, kind in kinds.items() if kind in ("Zl", "Zp")]
        assert len(text) < 100_000
        for line in text.splitlines():
            assert len(line) <= 100
            assert not line.strip().startswith(("::", "##[", "##vso"))
            assert not re.match(r"\s*Total +100 ?/ ?100", line)


# Without it


@pytest.mark.parametrize("configuration", ["unconfined"])
@each(SHOWN["unconfined"])
def test_attack_succeeds_with_the_layers_off(
    attack: Attack, configuration: str, outcomes: Any
) -> None:
    outcome = outcome_of(outcomes, configuration, attack)
    assert attack.shown is not None
    evidence = {"won": "[won]" in outcome.output, "decoys": outcome.changed != {}}
    assert evidence[attack.shown[1]], outcome.output


@each(SHOWN["naive"])
def test_attack_succeeds_where_tests_and_submission_share_a_process(
    attack: Attack, naive: NaiveGrader, decoys: Decoys, tmp_path: Path
) -> None:
    assert attack.shown is not None
    hand_in(attack, tmp_path, decoys)
    kind = attack.shown[1]
    got = naive.grade(tmp_path, NEVER_S if kind == "never" else ENDS_S)
    output = got["output"]
    evidence = {
        "won": "[won]" in output,
        "score": got["score"] is not None and got["score"] > HONEST_NAIVE,
        "dead": got["ended"] != "never" and got["score"] is None,
        "never": got["ended"] == "never",
        "aborted": got["score"] == 0 and bool(re.search("KeyboardInterrupt|SystemExit", output)),
        "raw": bool(
            re.search(r"[\x00-\x08\x0e-\x1f\x80-\x9f\u202a-\u202e]|^::|^Total", output, re.M)
        ),
    }
    assert evidence[kind], got


# The corpus


@pytest.mark.parametrize("configuration", sorted(CONFIGURATIONS))
def test_the_honest_stub_gets_its_points(configuration: str, outcomes: Any) -> None:
    """Else an attack that gains nothing would prove nothing."""
    if (configuration, "honest") not in outcomes:
        pytest.skip(f"this machine cannot give level {CONFIGURATIONS[configuration][0]}")
    assert outcomes[configuration, "honest"].report.score == sum(HONEST.values())


def test_the_honest_stub_gets_its_points_from_the_naive_grader(
    naive: NaiveGrader, tmp_path: Path
) -> None:
    (tmp_path / "hw3.py").write_text(STUB, encoding="utf-8")
    assert naive.grade(tmp_path, ENDS_S)["score"] == HONEST_NAIVE


def test_the_corpus_is_large_and_covers_every_category() -> None:
    counts = Counter(attack.category for attack in ATTACKS)
    assert set(counts) == set(CATEGORIES)
    assert sum(counts.values()) >= 60
    assert sum(map(len, SHOWN.values())) >= 40
