"""Which data sets there are, and how each is loaded as numpy arrays.

Knows names, splits and the data folder. Never downloads (that is `mnist.fetch_files`) and never
imports torch, torchvision or scikit-learn by itself.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.data import mnist
from grader.data.resize import resize_bilinear
from grader.errors import InternalError, UsageError
from grader.folders import data_folder

HERE = Path(__file__).parent
SPLITS = ("train", "test")
DIGITS_MAX = 16  # the digits' grey levels are 0 to 16
Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """One data set: what it is, how to load it, and whether it must be fetched first."""

    name: str
    about: str
    load: Callable[[str, Path], Arrays]  # (split, data folder) -> {"X": ..., "y": ...}
    embedded: bool


def names() -> tuple[str, ...]:
    """The names of all data sets, in the order of the registry."""
    return tuple(DATA_SETS)


def available(data_dir: str | Path | None = None) -> tuple[str, ...]:
    """The names of the data sets that `load` can load now; a look at the files, no reading."""
    folder = data_folder(data_dir)
    return tuple(
        name for name, data in DATA_SETS.items() if data.embedded or mnist.is_complete(name, folder)
    )


def load(name: str, split: str = "train", data_dir: str | Path | None = None) -> Arrays:
    """Load a data set as `{"X": inputs, "y": classes}`, fresh arrays at every call.

    - "iris": X (150, 4) float64 in cm, y (150,) int64; one set, the same for both splits
    - "digits": X (N, 8, 8) uint8 from 0 to 16, y (N,) int64; N = 1347 (train) or 450 (test)
    - "digits28": the same images resized to X (N, 28, 28) uint8 from 0 to 255
    - "mnist", "fashion-mnist": X (N, 28, 28) uint8 from 0 to 255; N = 60000 or 10000

    The splits are fixed. UsageError where there is no such name or split, or the files of a set
    that must be fetched are not in the data folder.
    """
    data = _data_set(name)
    if split not in SPLITS:
        raise UsageError(f"There is no split {split!r}.", hint=f"Splits: {', '.join(SPLITS)}.")
    return data.load(split, data_folder(data_dir))


def fetch(name: str, data_dir: str | Path | None = None) -> Path | None:
    """Bring a data set into the data folder; return its folder, or None for an embedded set.

    Downloads by torchvision what is not there yet. All or nothing: files are checked (size, MD5
    sum, class labels) in a temporary folder and then moved. UsageError says what to do by hand.
    """
    if _data_set(name).embedded:
        return None
    return mnist.fetch_files(name, data_folder(data_dir))


def _data_set(name: str) -> DataSet:
    if name not in DATA_SETS:
        raise UsageError(
            f"There is no data set {name!r}.", hint=f"Data sets: {', '.join(DATA_SETS)}."
        )
    return DATA_SETS[name]


def _load_iris(split: str, folder: Path) -> Arrays:
    """Rows of four numbers and a class, from 0 to 2; lines that are not five numbers are titles."""
    rows = []
    with open(HERE / "iris.csv", encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            try:
                numbers = [float(cell) for cell in row]
            except ValueError:
                continue
            if len(numbers) == 5:
                rows.append(numbers)
    table = np.array(rows, dtype=np.float64)  # (150, 5)
    if table.shape != (150, 5):
        raise InternalError(f"iris.csv holds {len(rows)} flowers instead of 150.")
    return {"X": table[:, :4].copy(), "y": table[:, 4].astype(np.int64)}


def _load_digits(split: str, folder: Path) -> Arrays:
    with np.load(HERE / "digits.npz", allow_pickle=False) as file:
        chosen = file["test"] if split == "test" else ~file["test"]  # (1797,)
        return {"X": file["X"][chosen], "y": file["y"][chosen].astype(np.int64)}


def _load_digits28(split: str, folder: Path) -> Arrays:
    digits = _load_digits(split, folder)
    grey = resize_bilinear(digits["X"], 28, 28) * (255 / DIGITS_MAX)  # (N, 28, 28)
    return {"X": np.rint(grey).astype(np.uint8), "y": digits["y"]}


def _load_fetched(name: str) -> Callable[[str, Path], Arrays]:
    def load_files(split: str, folder: Path) -> Arrays:
        X, y = mnist.read_files(name, split, folder)
        return {"X": X, "y": y}

    return load_files


DATA_SETS = {
    data.name: data
    for data in (
        DataSet(
            name="iris", about="150 flowers, 4 lengths, 3 species", load=_load_iris, embedded=True
        ),
        DataSet(
            name="digits",
            about="1,797 handwritten digits of 8x8 pixels",
            load=_load_digits,
            embedded=True,
        ),
        DataSet(
            name="digits28",
            about="the same digits resized to 28x28 pixels",
            load=_load_digits28,
            embedded=True,
        ),
        DataSet(
            name="mnist",
            about="70,000 handwritten digits of 28x28 pixels",
            load=_load_fetched("mnist"),
            embedded=False,
        ),
        DataSet(
            name="fashion-mnist",
            about="70,000 pictures of clothes of 28x28 pixels",
            load=_load_fetched("fashion-mnist"),
            embedded=False,
        ),
    )
}
