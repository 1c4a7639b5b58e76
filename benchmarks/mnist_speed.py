"""How long the reference's MyNet trains on MNIST until it reads 97 % of the test images.

Run: python -m benchmarks.mnist_speed [--device cuda] [--seeds 5] [--data DIR]
MNIST must have been fetched (`grader data fetch mnist`).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import statistics
import time
from types import ModuleType
from typing import Any

from benchmarks.reference_speed import reference
from grader import data
from grader.errors import UsageError

TARGET = 0.97
BATCH, STEP_SIZE, MOST_EPOCHS = 64, 2e-3, 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--data", help="the data folder; default: grader's own")
    options = parser.parse_args()
    import torch

    try:
        sets = {split: load(split, options.data) for split in ("train", "test")}
    except UsageError as err:
        parser.exit(2, f"{err.message} {err.hint}\n")
    cuda = options.device == "cuda"
    print(f"{torch.cuda.get_device_name() if cuda else 'CPU'}, torch {torch.__version__}")
    print(f"batches of {BATCH}, Adam at {STEP_SIZE}; epochs until {TARGET:.0%} of 10,000 are right")
    module = reference("hw6")
    train(module, sets, options.device, seed=-1, most_epochs=1)  # CUDA is loaded and warm
    times = []
    for seed in range(options.seeds):
        epochs, spent_s, accuracy = train(module, sets, options.device, seed, MOST_EPOCHS)
        reached = "reached" if accuracy >= TARGET else "NOT REACHED"
        print(f"seed {seed}: {epochs} epochs, {spent_s:.2f} s, accuracy {accuracy:.4f}, {reached}")
        times.append(spent_s)
    print(f"median {statistics.median(times):.2f} s, slowest {max(times):.2f} s")


def load(split: str, folder: str | None) -> Any:
    """The images (N, 1, 28, 28) from 0 to 1 and their classes, as a data set of torch's."""
    import torch

    arrays = data.load("mnist", split, folder)
    images = torch.tensor(arrays["X"], dtype=torch.float32)[:, None] / 255
    return torch.utils.data.TensorDataset(images, torch.tensor(arrays["y"]))


def train(
    module: ModuleType, sets: dict[str, Any], device: str, seed: int, most_epochs: int
) -> tuple[int, float, float]:
    """Epochs, seconds of training, and the test accuracy of a network with weights from `seed`."""
    import torch

    torch.manual_seed(seed + 1)
    net, rng = module.MyNet(), torch.Generator().manual_seed(seed + 1)
    spent_s, accuracy = 0.0, 0.0
    for epoch in range(1, most_epochs + 1):
        started = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):  # its line of progress
            settings = {"batch_size": BATCH, "step_size": STEP_SIZE, "rng": rng, "device": device}
            module.train(net, sets["train"], epochs=1, **settings)
        spent_s += time.perf_counter() - started  # each loss was read: the GPU has finished
        accuracy = module.accuracy(net, sets["test"], batch_size=500, device=device)
        if accuracy >= TARGET:
            return epoch, spent_s, accuracy
    return most_epochs, spent_s, accuracy


if __name__ == "__main__":
    main()
