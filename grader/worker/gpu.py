"""A GPU made ready for the one worker that uses it, before student code comes.

Asked for by `grader.worker.single` alone, in a process of its own: a forked child cannot use CUDA.
"""

from __future__ import annotations

import sys
from typing import Any

MIB = 1 << 20


class GpuUnusable(Exception):
    """torch cannot use the GPU, or others leave too little of its memory: nobody's mistake here."""


def prepare(memory_mb: int) -> dict[str, str]:
    """Bound torch's memory on the GPU, take chance out, and say which GPU it is.

    Raises GpuUnusable. Convolutions are chosen without timing them and in full precision, so that
    the same submission gives the same numbers on the same card.
    """
    import torch

    try:
        torch.zeros(1, device="cuda")
        free, total = torch.cuda.mem_get_info()
        if free < memory_mb * MIB:
            raise GpuUnusable(f"{free // MIB} MB of its memory are free, {memory_mb} are needed")
        torch.cuda.set_per_process_memory_fraction(min(1.0, memory_mb * MIB / total))
        name = torch.cuda.get_device_name()
    except (RuntimeError, AssertionError) as err:
        raise GpuUnusable(str(err).strip().partition("\n")[0] or type(err).__name__) from err
    for owner, flag, value in flags():
        setattr(owner, flag, value)
    return {"gpu": name, "cuda": str(torch.version.cuda)}


def flags() -> list[tuple[Any, str, bool]]:
    """What decides how a GPU computes: its owner, its name, and the value it has in a worker."""
    torch = sys.modules["torch"]
    return [
        (torch.backends.cudnn, "deterministic", True),
        (torch.backends.cudnn, "benchmark", False),
        (torch.backends.cudnn, "allow_tf32", False),
        (torch.backends.cuda.matmul, "allow_tf32", False),
    ]
