"""Judges have a core each, or a graphics card each."""

from __future__ import annotations

import os
import sys

import pytest

from grader.batch.places import Place, places_for
from grader.judge import gpus


def test_every_card_has_a_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(gpus.VISIBLE, "2, 5")
    assert places_for("cuda") == [Place(gpu="2"), Place(gpu="5")]
    assert [place.gpu for place in places_for("cuda", 3)] == ["2", "5", "2"]


def test_cards_are_those_of_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(gpus.VISIBLE, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "listdir", lambda _: ["nvidia3", "nvidia7", "nvidiactl", "null"])
    assert gpus.present() == ("0", "1")
    monkeypatch.setenv(gpus.VISIBLE, "")
    assert gpus.present() == ()


@pytest.mark.skipif(sys.platform != "linux", reason="only there a process can be pinned")
def test_every_core_has_a_judge_if_there_are_as_many() -> None:
    cores = sorted(os.sched_getaffinity(0))
    assert [place.core for place in places_for("cpu")] == cores
    assert [place.core for place in places_for("cpu", len(cores))] == cores
    assert places_for("cpu", len(cores) + 1) == [Place()] * (len(cores) + 1)


def test_a_judge_takes_its_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(gpus.VISIBLE, raising=False)
    Place(gpu="1").take()
    assert os.environ[gpus.VISIBLE] == "1"
    monkeypatch.delenv(gpus.VISIBLE)
