"""The data registry: what comes with the package, and what it says about what does not."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from grader import data
from grader.data.resize import resize_bilinear
from grader.errors import UsageError


def test_digits_are_those_of_scikit_learn():
    digits = load_digits()
    train, test = data.load("digits", "train"), data.load("digits", "test")
    X = np.concatenate([train["X"], test["X"]])
    assert X.dtype == np.uint8
    assert sorted(map(bytes, X)) == sorted(map(bytes, digits.images.astype(np.uint8)))
    total = np.bincount(train["y"]) + np.bincount(test["y"])
    assert total.tolist() == np.bincount(digits.target).tolist()


def test_split_is_stratified_and_fixed():
    train, test = data.load("digits", "train"), data.load("digits", "test")
    assert (len(train["X"]), len(test["X"])) == (1347, 450)
    share = np.bincount(test["y"]) / (np.bincount(train["y"]) + np.bincount(test["y"]))
    np.testing.assert_allclose(share, 0.25, atol=0.005)
    assert int(test["X"].astype(int).sum()) == int(data.load("digits", "test")["X"].sum())


def test_load_gives_fresh_arrays():
    data.load("digits")["X"][:] = 0
    assert data.load("digits")["X"].any()


def test_digits28_is_the_same_set_resized():
    small, large = data.load("digits", "test"), data.load("digits28", "test")
    assert large["X"].shape == (450, 28, 28)
    assert large["X"].dtype == np.uint8
    assert large["X"].max() == 255
    np.testing.assert_array_equal(small["y"], large["y"])
    means = small["X"].mean(axis=(1, 2)) / 16, large["X"].mean(axis=(1, 2)) / 255
    np.testing.assert_allclose(*means, atol=0.02)


@pytest.mark.parametrize("size", [(28, 28), (3, 5), (8, 9), (1, 1)])
def test_resize_is_torch_bilinear(size):
    images = np.random.default_rng(0).random((4, 7, 9))
    expected = torch.nn.functional.interpolate(
        torch.tensor(images)[:, None], size=size, mode="bilinear", align_corners=False
    )[:, 0]
    np.testing.assert_allclose(resize_bilinear(images, *size), expected.numpy(), atol=1e-12)


def test_resize_of_one_pixel_is_constant():
    image = np.array([[[3.0]]])
    np.testing.assert_allclose(resize_bilinear(image, 4, 2), np.full((1, 4, 2), 3.0))


def test_iris_has_150_flowers_of_three_species():
    iris = data.load("iris")
    assert iris["X"].shape == (150, 4)
    assert iris["X"].dtype == np.float64
    assert np.bincount(iris["y"]).tolist() == [50, 50, 50]
    np.testing.assert_allclose(iris["X"][0], [5.1, 3.5, 1.4, 0.2])


@pytest.mark.parametrize(("name", "split"), [("cifar", "train"), ("digits", "validation")])
def test_unknown_names_are_usage_errors_that_list_the_known_ones(name, split):
    with pytest.raises(UsageError) as raised:
        data.load(name, split)
    assert "train" in raised.value.hint or "digits28" in raised.value.hint


def test_data_folder_is_argument_then_variable_then_home(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    assert data.data_folder() == tmp_path
    assert data.data_folder(tmp_path / "own") == tmp_path / "own"
    monkeypatch.delenv("GRADER_DATA")
    assert data.data_folder().parts[-3:] == (".cache", "grader", "data")


def test_embedded_sets_need_no_torch():
    code = (
        "import sys; from grader import data; data.load('digits28'); data.available(); "
        "print({'torch', 'torchvision', 'sklearn'} & set(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"
