"""What crosses the wire by name, as the judge sees it: objects, functions, generators, dtypes."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.judge.proxy import Remote
from grader.wire.codec import Hooks, NotPlain, ProtocolError

_FUNCTIONS = (types.FunctionType, types.MethodType, types.BuiltinFunctionType, np.ufunc)


class References:
    """The judge's half of the hooks: numbers its functions, makes a Remote of a handle."""

    def __init__(self, make_remote: Callable[[int, str], Any]) -> None:
        self._functions: list[Callable[..., Any]] = []
        self._make_remote = make_remote
        self.hooks = Hooks(encode=self._encode, decode={"h": self._handle})

    def function(self, number: Any) -> Callable[..., Any]:
        if type(number) is not int or not 0 <= number < len(self._functions):
            raise ProtocolError("a function that was not handed over was called")
        return self._functions[number]

    def _handle(self, items: list[Any]) -> Any:
        if len(items) != 3 or type(items[0]) is not int or type(items[1]) is not str:
            raise ProtocolError("malformed reference")
        return self._make_remote(items[0], items[1][:100])

    def _encode(self, value: Any) -> list[Any]:
        if isinstance(value, Remote):
            return ["r", value._remote_number]
        if isinstance(value, np.random.Generator):
            return _generator(value)
        if isinstance(value, _FUNCTIONS):
            self._functions.append(value)
            return ["f", len(self._functions) - 1, value.__name__]
        if isinstance(value, np.dtype) or (
            isinstance(value, type) and issubclass(value, np.generic)
        ):
            return ["D", np.dtype(value).str]
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Generator):
            return ["G", bytes(value.get_state().numpy())]
        if torch is not None and isinstance(value, torch.dtype):
            return ["E", str(value).removeprefix("torch.")]
        raise NotPlain(f"a test cannot send a {type(value).__name__} to the student's code")


def _generator(value: np.random.Generator) -> list[Any]:
    state: Any = value.bit_generator.state
    if state["bit_generator"] != "PCG64":
        raise NotPlain("only generators of np.random.default_rng can be sent")
    inner = state["state"]
    numbers = (inner["state"], inner["inc"], state["has_uint32"], state["uinteger"])
    return ["g", *(format(number, "x") for number in numbers)]
