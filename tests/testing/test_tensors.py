"""Tensors where tensors are expected: exact type, shape, kind; gradients do not matter."""

from __future__ import annotations

import numpy as np
import pytest

from grader.testing import (
    CheckFailed,
    assert_array,
    assert_close,
    assert_equal,
    assert_scalar,
    assert_unchanged,
    check_gradient,
)
from grader.testing.describe import describe

torch = pytest.importorskip("torch")


def test_a_tensor_matches_only_a_tensor() -> None:
    t = torch.arange(6.0, dtype=torch.float64).reshape(2, 3)
    assert_close(t.clone().requires_grad_(), t, what="x")
    assert_close(t.float(), t, what="x")
    assert_equal(t.long(), t.long(), what="x")
    for wrong in (t.numpy(), t.T, t.long(), t[0], torch.nn.Parameter(t.clone()), -t, t.tolist()):
        with pytest.raises(CheckFailed):
            assert_close(wrong, t, what="x")
    with pytest.raises(CheckFailed):
        assert_close(t, t.numpy(), what="x")
    with pytest.raises(CheckFailed):
        assert_equal(t.long(), t.long().numpy(), what="x")


def test_mistakes_in_tensors_are_named() -> None:
    t = torch.tensor([0.31, -1.7, 2.9])
    with pytest.raises(CheckFailed, match="Mistake: the sign is flipped"):
        assert_close(-t, t, what="x")
    with pytest.raises(CheckFailed, match="Mistake: no bias"):
        assert_close(t + 1, t, what="x", mistakes={"no bias": t + 1})


def test_a_changed_tensor_is_to_be_cloned() -> None:
    t = torch.ones(3)
    for before, after in ((t, t + 1), ([1.0, t], [1.0, t + 1])):
        with pytest.raises(CheckFailed, match=r"x\.clone\(\)"):
            assert_unchanged(before, after, what="x")
    with pytest.raises(CheckFailed, match=r"x\.copy\(\)"):
        assert_unchanged(np.ones(3), np.zeros(3), what="x")


def test_assert_array_reads_tensors() -> None:
    t = torch.ones(2, 3, requires_grad=True)
    assert type(assert_array(t, shape=(2, 3), what="x")) is np.ndarray
    assert_array(t, shape=(2, 3), what="x", kind="tf")
    assert_array(t.detach().bfloat16(), shape=(2, 3), what="x")
    for kind in ("nf", "i"):
        with pytest.raises(CheckFailed):
            assert_array(t, shape=(2, 3), what="x", kind=kind)
    with pytest.raises(CheckFailed, match="a tensor of shape"):
        assert_array(np.ones((2, 3)), shape=(2, 3), what="x", kind="tf")
    assert assert_scalar(torch.tensor(0.5), what="x") == 0.5


@pytest.mark.parametrize("make", ["sparse", "meta", "quantized", "conj", "empty"])
def test_unusual_tensors_are_read_or_fail(make: str) -> None:
    t = {
        "sparse": lambda: torch.eye(3).to_sparse(),
        "meta": lambda: torch.ones(3, 3, device="meta"),
        "quantized": lambda: torch.ones(3, 3).to(torch.float8_e4m3fn),
        "conj": lambda: torch.ones(3, 3, dtype=torch.complex64).conj(),
        "empty": lambda: torch.empty(0, 3),
    }[make]()
    assert len(describe(t)) < 100
    with pytest.raises(CheckFailed):
        assert_close(t, torch.full((3, 3), 0.25), what="x")


def test_gradients_may_be_tensors_and_arguments_are_compared() -> None:
    w = np.array([[0.3, -1.2]])
    gradient = torch.tensor(2 * w, requires_grad=True)
    check_gradient(lambda w: float(np.sum(w**2)), {"w": w}, {"w": gradient}, what="x")
    t = torch.ones(3)
    assert_unchanged(t.clone(), t, what="x")
    with pytest.raises(CheckFailed):
        assert_unchanged(t.clone(), t + 1, what="x")
