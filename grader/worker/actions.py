"""What the judge may ask of the student's module, as a table of actions.

Knows nothing of sockets: the worker's loop and the in-process debugging mode both use it.
"""

from __future__ import annotations

import marshal
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
        self._request: dict[str, Any] = {}
        self._compiled: dict[int, types.CodeType] = {}
        self._actions: dict[str, Callable[..., Any]] = {
            "load": self.load,
            "reload": self.reload,
            "get": lambda owner, name: getattr(self.owner(owner), name),
            "set": self.set,
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
        """Load the submission; see grader.worker.load for the request.

        It brings under `compiled` the cells that an earlier worker of this submission compiled,
        marshalled. The answer has `faults`, the names of the module's `functions`, and `compiled`
        for the workers to come.
        """
        self._request = request
        known: bytes = request["compiled"]
        self._compiled = marshal.loads(known) if known else {}
        self._baseline = Baseline()
        answer = self._load()
        return answer | {"compiled": b"" if known else marshal.dumps(self._compiled)}

    def set(self, owner: Any, name: str, value: Any) -> None:
        """An attribute of an object, or of the module where `owner` is None."""
        if owner is None:
            self.objects.pin(name)
        setattr(self.owner(owner), name, value)

    def reload(self) -> dict[str, Any]:
        """Load the submission once more in this process, from a state like the first time's.

        The answer is as that of `load`, or {"unclean": True} where the state is lost.
        """
        self.module = None
        self.objects.clear()
        if self._baseline is None or not self._baseline.restore(self._request["module"]):
            return {"unclean": True}
        return self._load()

    def _load(self) -> dict[str, Any]:
        seed_everything(self._request["seed"])
        self.module, faults = load_module(self._request, self._compiled)
        return {"faults": faults, "functions": self.objects.name_functions(self.module)}

    def call_keeping(
        self, function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> tuple[Any, list[Any]]:
        """The result, and the arguments as they are after the call: in-place changes show."""
        return function(*args, **kwargs), args

    def run_probe(self, code: bytes, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Run a test's probe: `code`, marshalled, defines `name`, called with the module first."""
        namespace: dict[str, Any] = {"__name__": "probe", "np": np}
        exec(marshal.loads(code), namespace)
        return namespace[name](self.module, *args, **kwargs)


def seed_everything(seed: int) -> None:
    """Give global random state the same start in every run, for code that uses it all the same."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)
