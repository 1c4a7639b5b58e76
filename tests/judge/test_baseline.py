"""What a worker puts back between two tests of one submission, and what that must not cost."""

from __future__ import annotations

import subprocess
import sys

PUTS_BACK = """
import os, sys, tempfile
import numpy as np
import torch
from grader.worker.baseline import Baseline

os.chdir(tempfile.mkdtemp())
baseline = Baseline()
torch.set_default_dtype(torch.float64)
torch.set_grad_enabled(False)
np.seterr(all="raise")
np.sum = None
sys.modules["random"] = None
open("left", "w").close()
assert baseline.restore("hw")
assert torch.get_default_dtype() is torch.float32
assert torch.is_grad_enabled()
assert np.geterr()["divide"] == "warn"
assert np.sum([1, 2]) == 3
assert sys.modules["random"].random() < 1
assert os.listdir() == []
assert "torch._inductor" not in sys.modules, "a second's import in every worker"
print("as before")
"""


def test_settings_and_modules_are_put_back_at_little_cost() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PUTS_BACK], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("as before\n", "")
