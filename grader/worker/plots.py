"""A stand-in for matplotlib where it is not installed: every plotting call is taken, none draws.

Code that plots beside what is graded then loads and runs, as it does where matplotlib is.
"""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

import numpy as np

PACKAGES = ("matplotlib", "mpl_toolkits")


def stand_in() -> None:
    """Have `import matplotlib` and its parts succeed in this process, where it is not installed."""
    if importlib.util.find_spec("matplotlib") is None:
        sys.meta_path.append(_Finder())


class _Anything:
    """A figure, an axis, a line, a colour: it has every attribute and takes every call."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __call__(self, *_: Any, **__: Any) -> _Anything:
        return self

    def __getattr__(self, name: str) -> Any:
        return _attribute(name)

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __getitem__(self, key: Any) -> _Anything:
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> _Anything:
        return self

    def __exit__(self, *_: object) -> None:
        pass


_ANYTHING = _Anything()


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        return _attribute(name)


class _Finder(MetaPathFinder, Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in PACKAGES:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def _attribute(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return _RESULTS.get(name, _ANYTHING)


def _subplots(nrows: int = 1, ncols: int = 1, *_: Any, squeeze: bool = True, **__: Any) -> Any:
    """A figure and its axes, as many as asked for: code takes them apart."""
    axes = np.empty((nrows, ncols), dtype=object)
    for place in np.ndindex(axes.shape):
        axes[place] = _ANYTHING  # one by one: numpy would take the thing itself for a sequence
    if not squeeze:
        return _ANYTHING, axes
    return _ANYTHING, _ANYTHING if axes.size == 1 else axes.squeeze()


def _gives(*parts: Any) -> Callable[..., Any]:
    return lambda *_, **__: parts


# what is taken apart where it is called; all else gives one thing that is anything
_RESULTS: dict[str, Any] = {
    "subplots": _subplots,
    "plot": lambda *_, **__: [_ANYTHING],
    "hist": _gives(_ANYTHING, _ANYTHING, _ANYTHING),
    "hist2d": _gives(_ANYTHING, _ANYTHING, _ANYTHING, _ANYTHING),
    "pie": _gives(_ANYTHING, _ANYTHING),
    "get_xlim": _gives(0.0, 1.0),
    "get_ylim": _gives(0.0, 1.0),
    "xlim": _gives(0.0, 1.0),
    "ylim": _gives(0.0, 1.0),
}
