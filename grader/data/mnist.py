"""MNIST and Fashion-MNIST: four idx files each, read and fetched by torchvision.

torchvision is imported inside the functions that need it, so that listing costs nothing. Grading
calls only `is_complete` and `read_files`; `fetch_files` is the one place that uses the network.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from grader.errors import UsageError

CLASSES = {"mnist": "MNIST", "fashion-mnist": "FashionMNIST"}  # torchvision's names, also folders
SAMPLES = {"train": 60_000, "test": 10_000}
PIXELS = 28
FILES = {  # unpacked file: bytes; an idx header is 16 bytes for images and 8 for labels
    "train-images-idx3-ubyte": 16 + 60_000 * PIXELS * PIXELS,
    "train-labels-idx1-ubyte": 8 + 60_000,
    "t10k-images-idx3-ubyte": 16 + 10_000 * PIXELS * PIXELS,
    "t10k-labels-idx1-ubyte": 8 + 10_000,
}


def raw_folder(name: str, folder: Path) -> Path:
    """Where torchvision keeps the idx files of `name` below the data folder."""
    return folder / CLASSES[name] / "raw"


def is_complete(name: str, folder: Path) -> bool:
    """Whether all four files are there with their sizes."""
    raw = raw_folder(name, folder)
    return all(_size(raw / file) == size for file, size in FILES.items())


def read_files(name: str, split: str, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read X (N, 28, 28) uint8 and y (N,) int64; UsageError where the files are not there."""
    if not is_complete(name, folder):
        by_hand = _by_hand(name, raw_folder(name, folder))
        raise UsageError(
            f"The data set {name!r} is not in {str(folder)!r}.",
            hint=f"Fetch it once with `grader data fetch {name}`. Without a network: {by_hand}",
        )
    return _read(name, split, folder)


def fetch_files(name: str, folder: Path) -> Path:
    """Download, check and unpack `name`; return its folder. See `grader.data.fetch`."""
    raw = raw_folder(name, folder)
    if is_complete(name, folder):
        _check(name, folder)
        return raw
    try:
        raw.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder) as temporary:
            _take_what_lies_there(name, raw, Path(temporary))
            _download(name, Path(temporary), raw)
            _check(name, Path(temporary))
            for file in FILES:
                os.replace(raw_folder(name, Path(temporary)) / file, raw / file)
    except OSError as err:
        raise UsageError(
            f"The data set {name!r} could not be written to {str(folder)!r}: {err}",
            hint="Choose another folder with --data DIR or the variable GRADER_DATA.",
        ) from err
    return raw


def _download(name: str, folder: Path, raw: Path) -> None:
    """Let torchvision download into `folder`; it checks the MD5 sums of the packed files."""
    said = io.StringIO()  # torchvision prints each address that failed; the last one is in err
    try:
        with contextlib.redirect_stdout(said):
            _torchvision_class(name)(folder, train=True, download=True)
    except (RuntimeError, OSError, EOFError) as err:
        raise UsageError(
            f"The data set {name!r} could not be downloaded: {_last_line(err)}",
            hint=f"Without a network: {_by_hand(name, raw)}",
        ) from err


def _check(name: str, folder: Path) -> None:
    """Refuse files of a wrong size or with impossible labels."""
    hint = f"Remove them from the folder {CLASSES[name]}/raw of the data folder and fetch again."
    if not is_complete(name, folder):
        raise UsageError(f"The files of {name!r} have wrong sizes.", hint=hint)
    for split in SAMPLES:
        X, y = _read(name, split, folder)
        if X.shape != (SAMPLES[split], PIXELS, PIXELS) or set(np.unique(y)) != set(range(10)):
            raise UsageError(f"The {split} files of {name!r} are damaged.", hint=hint)


def _read(name: str, split: str, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    data = _torchvision_class(name)(folder, train=split == "train", download=False)
    return data.data.numpy(), data.targets.numpy()


def _take_what_lies_there(name: str, raw: Path, temporary: Path) -> None:
    """Copy files put there by hand, packed or not, so that only the missing ones are downloaded."""
    target = raw_folder(name, temporary)
    target.mkdir(parents=True)
    for file, size in FILES.items():
        if _size(raw / file) == size:
            shutil.copyfile(raw / file, target / file)
        if (raw / f"{file}.gz").is_file():
            shutil.copyfile(raw / f"{file}.gz", target / f"{file}.gz")


def _torchvision_class(name: str) -> Any:
    try:
        import torchvision.datasets
    except ImportError as err:
        raise UsageError(
            f"The data set {name!r} needs torchvision, which is not installed.",
            hint="Install the torch homeworks' packages: pip install torch torchvision.",
        ) from err
    return getattr(torchvision.datasets, CLASSES[name])


def _by_hand(name: str, raw: Path) -> str:
    files = ", ".join(f"{file}.gz" for file in FILES)
    return (
        f"Put the files {files} into {raw} "
        f"and run `grader data fetch {name}`, which checks and unpacks them."
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _last_line(err: Exception) -> str:
    return str(err).strip().splitlines()[-1] if str(err).strip() else type(err).__name__
