"""The stand-in for matplotlib takes what homeworks do with it, and gives what they take apart."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from grader.worker import plots


@pytest.fixture
def without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No matplotlib in this process but the stand-in."""
    for name in [name for name in sys.modules if name.partition(".")[0] in plots.PACKAGES]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setattr(plots.importlib.util, "find_spec", lambda name: None)
    plots.stand_in()
    sys.meta_path.insert(0, sys.meta_path.pop())  # before the finder of what is installed
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] in plots.PACKAGES]:
        del sys.modules[name]


SCRIPT = """
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib import cm, animation
from matplotlib.animation import FuncAnimation
from mpl_toolkits.mplot3d import Axes3D

plt.rcParams["figure.figsize"] = (4, 3)
with plt.style.context("ggplot"):
    fig, ax = plt.subplots(figsize=(4, 3))
line, = ax.plot([1, 2], label="x")
line.set_ydata([3, 4])
ax.set(xlabel="a", ylabel="b")
ax.axhline(0.5, color=cm.viridis(0.3))
counts, edges, patches = plt.hist([1, 2, 3])
low, high = ax.get_xlim()
for spine in ax.spines.values():
    spine.set_visible(False)
fig, (left, right) = plt.subplots(1, 2)
fig, axes = plt.subplots(2, 3)
axes[1, 2].imshow([[1]])
for one in axes.flat:
    one.axis("off")
fig, column = plt.subplots(3, 1, squeeze=False)
column[2, 0].plot()
fig.colorbar(ax.scatter([1], [2]), ax=ax)
FuncAnimation(fig, print, frames=3).save("a.gif")
plt.savefig("a.png")
plt.show()
plt.close("all")
"""


@pytest.mark.usefixtures("without_matplotlib")
def test_what_plotting_code_does_goes_through() -> None:
    exec(compile(SCRIPT, "plots", "exec"), {})


@pytest.mark.usefixtures("without_matplotlib")
def test_axes_come_in_the_shape_that_was_asked_for() -> None:
    plt = importlib.import_module("matplotlib.pyplot")
    assert np.shape(plt.subplots(2, 3)[1]) == (2, 3)
    assert np.shape(plt.subplots(3)[1]) == (3,)
    assert not isinstance(plt.subplots()[1], np.ndarray)


def test_where_matplotlib_is_installed_nothing_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    before = list(sys.meta_path)
    monkeypatch.setattr(plots.importlib.util, "find_spec", lambda name: object())
    plots.stand_in()
    assert sys.meta_path == before
