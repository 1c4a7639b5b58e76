"""The gradient checker: right gradients pass, each wrong parameter is reported."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from grader.testing import Failure, check_gradient, numerical_gradient, revealing_expected

FailureOf = Callable[..., Failure]
N = 5


def loss(W: np.ndarray, b: np.ndarray, c: float = 0.0) -> float:
    return float(np.mean(np.tanh(X @ W + b) ** 2) + c**2)


def gradients(W: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    h = np.tanh(X @ W + b)  # (N, 3)
    dz = 2 * h * (1 - h**2) / h.size  # (N, 3)
    return {"W": X.T @ dz, "b": dz.sum(axis=0)}


X = np.random.default_rng(1).normal(size=(N, 4))


@pytest.fixture
def parameters(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {"W": rng.normal(size=(4, 3)), "b": rng.normal(size=3)}


def test_right_gradients_pass(parameters: dict[str, np.ndarray]) -> None:
    right = gradients(**parameters)
    check_gradient(loss, parameters, right, what="x")
    check_gradient(loss, {**parameters, "c": 0.7}, {**right, "c": 1.4, "more": None}, what="x")


def test_parameters_are_left_unchanged(parameters: dict[str, np.ndarray]) -> None:
    def greedy(W: np.ndarray, b: np.ndarray) -> float:
        value = loss(W, b)
        W += 1
        b[...] = 0
        return value

    before = {name: value.copy() for name, value in parameters.items()}
    check_gradient(greedy, parameters, gradients(**parameters), what="x")
    for name, value in before.items():
        np.testing.assert_array_equal(parameters[name], value)


def test_every_wrong_parameter_is_reported(
    failure_of: FailureOf, parameters: dict[str, np.ndarray]
) -> None:
    right = gradients(**parameters)
    bias = right["b"].copy()
    bias[1] = 0.7311111
    failure = failure_of(check_gradient, loss, parameters, {"W": -right["W"], "b": bias})
    assert failure.mistake == "W: the sign is flipped"
    assert failure.got.startswith("W: 12 of 12 entries wrong, worst at [")
    assert failure.got.endswith("b: 1 of 3 entries wrong, worst at [1]: got 0.7311")


def test_the_same_mistake_is_named_once(
    failure_of: FailureOf, parameters: dict[str, np.ndarray]
) -> None:
    summed = {name: N * g for name, g in gradients(**parameters).items()}
    failure = failure_of(check_gradient, loss, parameters, summed, batch_size=N)
    assert failure.mistake == "W, b: it is summed over the batch instead of averaged"


def test_the_difference_is_shown_in_public_only(
    failure_of: FailureOf, parameters: dict[str, np.ndarray]
) -> None:
    wrong = gradients(**parameters) | {"b": np.full(3, 0.5)}
    assert "expected" not in failure_of(check_gradient, loss, parameters, wrong).got
    with revealing_expected(True):
        assert "is expected" in failure_of(check_gradient, loss, parameters, wrong).got


def test_the_message_says_what_is_differentiated(
    failure_of: FailureOf, parameters: dict[str, np.ndarray]
) -> None:
    wrong = {name: -g for name, g in gradients(**parameters).items()}
    failure = failure_of(check_gradient, loss, parameters, wrong)
    assert failure.expected == "the gradient of the loss (checked by central differences)"
    failure = failure_of(check_gradient, loss, parameters, wrong, of="the likelihood")
    assert failure.expected.startswith("the gradient of the likelihood ")


@pytest.mark.parametrize("scale", [1e-4, 1e-2, 1, 1e3])
def test_an_error_of_a_thousandth_is_seen(failure_of: FailureOf, scale: float) -> None:
    w = np.array([0.3, -0.7, 1.1])
    right = {"w": 2 * scale * w}
    check_gradient(lambda w: float(scale * np.sum(w**2)), {"w": w}, right, what="x")
    wrong = {"w": right["w"] * np.array([1, 1.001, 1])}
    failure = failure_of(check_gradient, lambda w: float(scale * np.sum(w**2)), {"w": w}, wrong)
    assert failure.index == (1,)


def test_shapes_are_strict(failure_of: FailureOf, parameters: dict[str, np.ndarray]) -> None:
    right = gradients(**parameters)
    failure = failure_of(check_gradient, loss, parameters, {"W": right["W"].T, "b": right["b"]})
    assert failure.mistake == "W: rows and columns are swapped"
    failure_of(check_gradient, loss, parameters, {"W": right["W"], "b": right["b"][None]})
    failure_of(check_gradient, loss, parameters, {"W": right["W"], "b": 0.0})
    failure = failure_of(check_gradient, loss, parameters, {"W": right["W"]})
    assert failure.got == "b: no gradient"


def test_large_parameters_are_sampled(failure_of: FailureOf, rng: np.random.Generator) -> None:
    calls = []

    def square(w: np.ndarray) -> float:
        calls.append(1)
        return float(np.sum(w**2))

    w = rng.normal(size=(40, 30))
    check_gradient(square, {"w": w}, {"w": 2 * w}, what="x", max_entries=10, rng=rng)
    assert len(calls) == 20
    failure = failure_of(check_gradient, square, {"w": w}, {"w": -2 * w}, max_entries=10, rng=rng)
    assert failure.mistake == "w: the sign is flipped"
    assert failure.got.startswith("w: 10 of 10 entries looked at wrong")


def test_a_flipped_sign_of_tiny_numbers_is_wrong(failure_of: FailureOf) -> None:
    w = np.array([3e-7])
    failure_of(check_gradient, lambda w: float(np.sum(w**2)), {"w": w}, {"w": -2 * w}, atol=1e-9)


def test_numerical_gradient_keeps_shapes_and_theta(rng: np.random.Generator) -> None:
    for shape in ((), (3,), (2, 3, 2), (0,)):
        theta = rng.normal(size=shape)
        before = theta.copy()
        g = numerical_gradient(lambda t: float(np.sum(np.sin(t))), theta)
        assert g.shape == shape
        np.testing.assert_allclose(g, np.cos(theta), atol=1e-9)
        np.testing.assert_array_equal(theta, before)
    np.testing.assert_allclose(numerical_gradient(lambda t: t**2, 3), 6, rtol=1e-9)
