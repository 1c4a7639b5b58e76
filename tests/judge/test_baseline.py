"""What a worker puts back between two tests of one submission, and what that must not cost."""

from __future__ import annotations

import subprocess
import sys

import pytest

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


NAMES = """
import builtins, copy, json, math, os, sys, tempfile
import numpy as np
from grader.worker import guarded
from grader.worker.baseline import Baseline

if {noted}:
    guarded.note_changes()
folder = os.path.realpath(tempfile.mkdtemp())
os.chdir(folder)
sys.path.append(folder)
baseline = Baseline()
kept = {{"json": json, "numpy": np, "math": math}}
for spoil in (
    lambda: setattr(np, "sum", None),
    lambda: delattr(np, "mean"),
    lambda: setattr(builtins, "len", None),
    lambda: setattr(np.linalg, "__name__", "another"),
    lambda: setattr(np, "added", 1),
    lambda: sys.modules.pop("json"),
    lambda: sys.modules.update(math=None),
    lambda: (sys.modules.pop("json"), __import__("json")),
    lambda: (sys.modules.pop("json"), __import__("colorsys")),
    lambda: __import__("beside"),
):
    with open("beside.py", "w") as file:
        file.write("x = 1")
    sys.modules["hw"] = json
    spoil()
    assert baseline.restore("hw")
    assert np.sum([1, 2]) == 3 and np.mean([1, 3]) == 2 and builtins.len("ab") == 2
    assert np.linalg.__name__ == "numpy.linalg"
    assert kept == {{name: sys.modules[name] for name in kept}}
    assert "hw" not in sys.modules and "beside" not in sys.modules
    sys.path.append(folder)
assert np.added == 1, "as what a lazy import adds"
assert "colorsys" in sys.modules
import numpy.fft
assert baseline.restore("hw") and np.fft.fft([1.0])[0] == 1
assert (type(np) is type(sys)) is not {noted}
for module in (np, math, os):
    assert (type(module).__name__, type(module).__module__) == ("module", "builtins")
    try:
        module()
    except TypeError as err:
        assert str(err) == "'module' object is not callable"
    try:
        copy.deepcopy(module)
    except TypeError as err:
        assert str(err) == "cannot pickle 'module' object"
    else:
        raise AssertionError(module)
print("as before")
"""


@pytest.mark.parametrize("noted", [True, False], ids=["noted", "compared"])
def test_names_and_modules_are_put_back(noted: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NAMES.format(noted=noted)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("as before\n", "")
