"""Generators that tests send: equal states give equal ones, and nobody can wind them back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.course.manifest import Course
from grader.judge.fixtures import Context, our_fixtures
from grader.judge.references import References
from grader.worker.objects import ObjectTable


def sent(generator: Any) -> Any:
    """What the worker has of a generator that a test sends."""
    tag, *items = References(lambda number, kind: None).hooks.encode(generator)
    return ObjectTable(lambda *_: None).hooks.decode[tag](items)


def test_equal_states_are_sent_as_equal_generators() -> None:
    mine = np.random.default_rng(5)
    draws = [sent(mine).normal(size=3), sent(mine).normal(size=3)]
    mine.integers(2, dtype=np.uint32)  # leaves half a word for the next draw
    draws.append(sent(mine).normal(size=3))
    assert np.array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


@pytest.mark.parametrize("back", range(8))
def test_what_the_judge_drew_cannot_be_drawn_again(back: int) -> None:
    mine = np.random.default_rng(5)
    hidden = mine.random(4)
    theirs = sent(mine)
    theirs.bit_generator.advance(-back)
    assert not np.isin(theirs.random(12), hidden).any()


def test_what_the_judge_draws_next_is_not_known_beforehand() -> None:
    mine = np.random.default_rng(5)
    theirs = sent(mine)
    assert not np.array_equal(theirs.random(4), mine.random(4))


def test_generators_of_torch_do_not_tell_their_seed() -> None:
    torch = pytest.importorskip("torch")
    mine = torch.Generator().manual_seed(5)
    one, same = sent(mine), sent(mine)
    assert one.initial_seed() == same.initial_seed() != 5
    assert torch.equal(torch.rand(3, generator=one), torch.rand(3, generator=same))
    torch.rand(3, generator=mine)
    assert sent(mine).initial_seed() != one.initial_seed()


@pytest.mark.parametrize("hidden", [False, True])
def test_the_seed_for_torch_is_not_that_of_rng(tiny_course: Course, hidden: bool) -> None:
    """`torch_seed` is sent as it is, to tests whose labels `rng` drew."""
    tiny = tiny_course.assignment("tiny")
    context = Context(assignment=tiny, seed=0, test="test_a", hidden=hidden)
    fixtures = our_fixtures(context)
    seed, rng = fixtures["torch_seed"](), fixtures["rng"]()
    assert not np.array_equal(np.random.default_rng(seed).random(3), rng.random(3))
