"""What the judge may ask of the student's module, as a table of actions.

Knows nothing of sockets: the worker's loop and the in-process debugging mode both use it.
"""

from __future__ import annotations

import operator
import random
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.worker.baseline import Baseline
from grader.worker.load import load_module
from grader.worker.objects import ObjectTable

OPERATORS: dict[str, Callable[..., Any]] = {
    name: getattr(operator, name)
    for name in (
        "add", "sub", "mul", "truediv", "floordiv", "mod", "matmul", "pow", "neg", "pos", "abs",
        "getitem", "setitem",
    )
}  # fmt: skip


class Actions:
    """The student's module and the objects of it that the judge holds by number.

    `call_back(function, args, kwargs)` reaches a function of the judge.
    """

    def __init__(self, call_back: Callable[[int, list[Any], dict[str, Any]], Any]) -> None:
        self.module: types.ModuleType | None = None
        self.objects = ObjectTable(call_back)
        self._call_back = call_back
        self._baseline: Baseline | None = None
        self._actions: dict[str, Callable[..., Any]] = {
            "load": self.load,
            "get": lambda owner, name: getattr(self.owner(owner), name),
            "set": lambda owner, name, value: setattr(self.owner(owner), name, value),
            "has": lambda owner, name: hasattr(self.owner(owner), name),
            "call": lambda function, args, kwargs: function(*args, **kwargs),
            "call_keeping": self.call_keeping,
            "operate": lambda name, operands: OPERATORS[name](*operands),
            "run": self.run_probe,
        }

    def perform(self, kind: str, payload: list[Any]) -> Any:
        """Do `kind`; whatever the student's code raises comes out."""
        return self._actions[kind](*payload)

    def owner(self, value: Any) -> Any:
        return self.module if value is None else value

    def load(self, request: dict[str, Any]) -> dict[str, Any]:
        """Load the submission; a second time in the same process, from a state like the first's.

        The answer is that of `load_module`, or {"unclean": True} where the state is lost.
        """
        if self._baseline is None:
            self._baseline = Baseline()
        else:
            self.module = None
            self.objects = ObjectTable(self._call_back)
            if not self._baseline.restore(request["module"]):
                return {"unclean": True}
        seed_everything(request["seed"])
        self.module, answer = load_module(request)
        return answer

    def call_keeping(
        self, function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> tuple[Any, list[Any]]:
        """The result, and the arguments as they are after the call: in-place changes show."""
        return function(*args, **kwargs), args

    def run_probe(self, source: str, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Run a test's probe: `source` defines `name`, which is called with the module first."""
        namespace: dict[str, Any] = {"__name__": "probe", "np": np}
        exec(compile(source, "<probe>", "exec", dont_inherit=True), namespace)
        return namespace[name](self.module, *args, **kwargs)


def seed_everything(seed: int) -> None:
    """Give global random state the same start in every run, for code that uses it all the same."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)
