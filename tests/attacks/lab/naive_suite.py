"""Twelve tests of homework 3 as a naive grader has them; an honest stub earns two."""

import hw3
import numpy as np
import pytest
from numpy.testing import assert_allclose

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("point", [(2.0, 1.0), (1.5, 2.5)])
def test_toy_graph(point):
    a, b = point
    expected = np.array([a + b, b + 1, (a + b) * (b + 1)])
    assert_allclose(hw3.toy_forward(a, b), expected)


@pytest.mark.parametrize("z", RNG.normal(size=(3, 4)))
def test_sigmoid(z):
    expected = 1 / (1 + np.exp(-z))
    assert_allclose(hw3.sigmoid(z), expected)


@pytest.mark.parametrize("theta", RNG.normal(size=(3, 2)))
def test_numerical_gradient(theta):
    expected = 2 * theta
    assert_allclose(hw3.numerical_gradient(lambda t: float(t @ t), theta), expected, rtol=1e-4)


@pytest.mark.parametrize("name", ["tanh", "relu"])
def test_activate(name):
    z = RNG.normal(size=5)
    expected = np.tanh(z) if name == "tanh" else np.maximum(z, 0)
    assert hw3.activate(z, name) == pytest.approx(expected)


@pytest.mark.parametrize("shape", [(3, 1), (2, 2)])
def test_loss(shape):
    y, t = RNG.uniform(0.1, 0.9, size=shape), RNG.integers(2, size=shape)
    expected = -np.mean(np.sum(t * np.log(y) + (1 - t) * np.log(1 - y), axis=1))
    assert abs(hw3.bernoulli_cross_entropy(y, t) - expected) < 1e-6
